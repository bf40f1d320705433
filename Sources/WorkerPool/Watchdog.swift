import Synchronization
import SystemCalls

/// The thread that looks after turns that last: it presses each worker whose turn is older than a slice.
///
/// It sleeps for good while no worker has a turn, so an idle host does not wake for it; the first turn after that wakes
/// it. A turn that ends within a slice costs two stores.
final class Watchdog: Sendable {
  /// One worker's turn, as the watchdog sees it.
  final class Sheet: Sendable {
    /// Monotonic time at which the turn began; 0 between turns.
    let began = Atomic<Int64>(0)
    /// Whether the turn under way has been pressed in vain for long: another thread may have taken the worker's place.
    let isStuck = Atomic<Bool>(false)
  }

  private struct State: Sendable {
    var isStopped = false
    var isNeeded = false
  }

  let sheets: [Sheet]
  private let state = Condition(State())
  private let isResting = Atomic<Bool>(true)
  private let interval: Int64
  private let age: Int64
  private let press: @Sendable (_ worker: Int, _ now: Int64, _ age: Int64) -> Void
  private let thread = Mutex<OSThread?>(nil)

  /// `press` is called for each worker whose turn has the `age`, and again every `interval` until the turn ends. Both are in
  /// nanoseconds.
  init(
    workers: Int, interval: Int64, age: Int64,
    press: @escaping @Sendable (_ worker: Int, _ now: Int64, _ age: Int64) -> Void
  ) {
    sheets = (0..<workers).map { _ in Sheet() }
    self.interval = interval
    self.age = age
    self.press = press
  }

  func start() throws(SystemCallError) {
    let thread = try OSThread(name: "mw-watchdog") { [self] in watch() }
    self.thread.withLock { $0 = thread }
  }

  func stop() {
    state.withLock { $0.isStopped = true }
    state.broadcast()
    thread.withLock { $0 }?.join()
  }

  /// Called by a worker when a turn begins.
  func begin(_ worker: Int, at now: Int64) {
    sheets[worker].began.store(now, ordering: .sequentiallyConsistent)
    guard isResting.load(ordering: .sequentiallyConsistent) else { return }
    state.withLock { $0.isNeeded = true }
    state.signal()
  }

  func end(_ worker: Int) { sheets[worker].began.store(0, ordering: .releasing) }

  private func watch() {
    CurrentThread.setTimerSlack(nanoseconds: 1)
    while rest() {
      var quietLooks = 0
      while quietLooks < 2 {
        let seen = look()
        quietLooks = seen.isBusy ? 0 : quietLooks + 1
        let stopped = state.wait(until: seen.nextLook) { $0.isStopped ? true : nil }
        if stopped != nil { return }
      }
    }
  }

  /// Sleeps until a turn begins; false when it is to stop.
  private func rest() -> Bool {
    isResting.store(true, ordering: .sequentiallyConsistent)
    if sheets.contains(where: { $0.began.load(ordering: .sequentiallyConsistent) != 0 }) {
      isResting.store(false, ordering: .sequentiallyConsistent)
      return true
    }
    let goesOn = state.wait { (state) -> Bool? in
      if state.isStopped { return false }
      guard state.isNeeded else { return nil }
      return true
    }
    state.withLock { $0.isNeeded = false }
    isResting.store(false, ordering: .sequentiallyConsistent)
    return goesOn
  }

  /// Presses what has lasted; whether any worker has a turn, and when the first can be old enough that is not yet.
  private func look() -> (isBusy: Bool, nextLook: Int64) {
    let now = Clocks.monotonic()
    var isBusy = false
    var next = now + age
    for (worker, sheet) in sheets.enumerated() {
      let began = sheet.began.load(ordering: .acquiring)
      guard began != 0 else { continue }
      isBusy = true
      if now - began >= age {
        press(worker, now, now - began)
        next = min(next, now + interval)
      } else {
        next = min(next, began + age)
      }
    }
    return (isBusy, next)
  }
}
