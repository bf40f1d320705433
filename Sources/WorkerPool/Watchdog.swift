import Synchronization
import SystemCalls

/// The thread that asks turns to end which last longer than a slice.
///
/// It sleeps without a deadline while no worker has a turn, so it does not wake an idle host; the first turn after that
/// wakes it. A turn that ends within a slice costs two stores.
final class Watchdog: Sendable {
  private struct State: Sendable {
    var isStopped = false
    var isNeeded = false
  }

  /// One for each number of a worker.
  let slots: [TurnSlot]
  private let state = Condition(State())
  private let isAsleep = Atomic<Bool>(true)
  private let interval: Int64
  private let age: Int64
  private let requestPreemption: @Sendable (_ worker: Int, _ now: Int64, _ age: Int64) -> Void
  private let thread = Mutex<OSThread?>(nil)

  /// The watchdog's thread calls `requestPreemption` for each worker whose turn has reached `age`, and again every
  /// `interval` until the turn ends. Both are in nanoseconds.
  init(
    workers: Int, interval: Int64, age: Int64,
    requestPreemption: @escaping @Sendable (_ worker: Int, _ now: Int64, _ age: Int64) -> Void
  ) {
    slots = (0..<workers).map { _ in TurnSlot() }
    self.interval = interval
    self.age = age
    self.requestPreemption = requestPreemption
  }

  func start() throws(SystemCallError) {
    let thread = try OSThread(name: "mw-watchdog") { [self] in serve() }
    self.thread.withLock { $0 = thread }
  }

  func stop() {
    state.withLock { $0.isStopped = true }
    state.broadcast()
    thread.withLock { $0 }?.join()
  }

  /// A worker calls this when a turn begins.
  func begin(_ worker: Int, at now: Int64) {
    slots[worker].began.store(now, ordering: .sequentiallyConsistent)
    guard isAsleep.load(ordering: .sequentiallyConsistent) else { return }
    state.withLock { $0.isNeeded = true }
    state.signal()
  }

  /// A worker calls this when its turn ends.
  func end(_ worker: Int) { slots[worker].began.store(0, ordering: .releasing) }

  private func serve() {
    CurrentThread.setTimerSlack(nanoseconds: 1)
    while sleepUntilNeeded() {
      var idleChecks = 0
      while idleChecks < 2 {
        let check = checkTurns()
        idleChecks = check.isBusy ? 0 : idleChecks + 1
        let stopped = state.wait(until: check.next) { $0.isStopped ? true : nil }
        if stopped != nil { return }
      }
    }
  }

  /// Sleeps until a turn begins; false once ``stop()`` was called.
  private func sleepUntilNeeded() -> Bool {
    isAsleep.store(true, ordering: .sequentiallyConsistent)
    // A worker that began a turn before the store above did not signal.
    if slots.contains(where: { $0.began.load(ordering: .sequentiallyConsistent) != 0 }) {
      isAsleep.store(false, ordering: .sequentiallyConsistent)
      return true
    }
    let goesOn = state.wait { (state) -> Bool? in
      if state.isStopped { return false }
      guard state.isNeeded else { return nil }
      return true
    }
    state.withLock { $0.isNeeded = false }
    isAsleep.store(false, ordering: .sequentiallyConsistent)
    return goesOn
  }

  /// Asks turns that are too old to end.
  ///
  /// - Returns: whether any worker has a turn, and when the next check is due.
  private func checkTurns() -> (isBusy: Bool, next: Int64) {
    let now = Clocks.monotonic()
    var isBusy = false
    var next = now + age
    for (worker, slot) in slots.enumerated() {
      let began = slot.began.load(ordering: .acquiring)
      guard began != 0 else { continue }
      isBusy = true
      if now - began >= age {
        requestPreemption(worker, now, now - began)
        next = min(next, now + interval)
      } else {
        next = min(next, began + age)
      }
    }
    return (isBusy, next)
  }
}
