import SystemCalls
import WorkerPool

/// A few threads for calls that block in the kernel, such as those that read a disk. The work of several owners takes
/// turns, so one that floods the pool delays the others by a few pieces of its work only.
///
/// A thread is started when there is work and none is free. It then stays.
package final class BlockingPool: Sendable {
  package struct Bounds: Sendable {
    package var threads = 4
    /// Pieces of work that may wait, of all owners.
    package var waiting = 4_096
    /// Pieces of work that may wait, of one owner.
    package var waitingOfOne = 256

    package init() {}
  }

  private struct State {
    /// The work of each owner that waits, the first one first. No list is empty.
    var waiting: [String: [@Sendable () -> Void]] = [:]
    /// The owners that have work which waits, in the order of their turns.
    var turns: [String] = []
    var count = 0
    /// Those that are being started, too.
    var threads = 0
    var running = 0
    var isStopped = false

    mutating func forgetWaiting() {
      waiting = [:]
      turns = []
      count = 0
    }

    mutating func next() -> (@Sendable () -> Void)? {
      guard !turns.isEmpty else { return nil }
      let owner = turns.removeFirst()
      guard var list = waiting.removeValue(forKey: owner) else { return nil }
      let work = list.removeFirst()
      if !list.isEmpty {
        waiting[owner] = list
        turns.append(owner)
      }
      count -= 1
      return work
    }
  }

  private let bounds: Bounds
  private let state = Condition(State())

  package init(_ bounds: Bounds = Bounds()) { self.bounds = bounds }

  deinit {
    state.withLock { $0.isStopped = true }
    state.broadcast()
  }

  /// Runs a piece of work on one of the threads, after that of the same owner that waits. Returns false, and forgets the
  /// work, if too much waits, the system has no thread for it, or the pool has stopped. Any thread.
  package func submit(for owner: String, _ work: @escaping @Sendable () -> Void) -> Bool {
    let taken = state.withLock { state -> (isTaken: Bool, needsThread: Bool) in
      let own = state.waiting[owner]?.count ?? 0
      guard !state.isStopped, state.count < bounds.waiting, own < bounds.waitingOfOne else {
        return (false, false)
      }
      state.waiting[owner, default: []].append(work)
      if own == 0 { state.turns.append(owner) }
      state.count += 1
      let needsThread =
        state.threads - state.running < state.count && state.threads < bounds.threads
      if needsThread { state.threads += 1 }
      return (true, needsThread)
    }
    guard taken.isTaken else { return false }
    guard !taken.needsThread || addThread() else { return dropUnlessServed() }
    state.signal()
    return true
  }

  /// False if the system refuses it.
  private func addThread() -> Bool {
    do {
      _ = try OSThread(name: "mw-files") { [state] in Self.run(state) }
      return true
    } catch {
      return false
    }
  }

  /// After a thread was refused: one that is there already is enough for all that waits, but without any nothing would
  /// come of it. Returns whether there is one.
  private func dropUnlessServed() -> Bool {
    state.withLock { state in
      state.threads -= 1
      guard state.threads == 0 else { return true }
      state.forgetWaiting()
      return false
    }
  }

  private static func run(_ state: Condition<State>) {
    while true {
      let work = state.wait { state -> (@Sendable () -> Void)?? in
        if let work = state.next() {
          state.running += 1
          return .some(work)
        }
        return state.isStopped ? .some(nil) : nil
      }
      guard let work else { return }
      work()
      let isStopped = state.withLock { state in
        state.running -= 1
        return state.isStopped
      }
      if isStopped { state.broadcast() }
    }
  }

  /// Takes no more work, and waits until all is done, or for this time of `Clocks.monotonic()`. What waits then is
  /// forgotten. Returns whether all was done. A call that hangs in the kernel keeps its thread.
  @discardableResult
  package func stop(until deadline: Int64) -> Bool {
    state.withLock { $0.isStopped = true }
    state.broadcast()
    let isDone =
      state.wait(until: deadline) { $0.count == 0 && $0.running == 0 ? true : nil } ?? false
    state.withLock { $0.forgetWaiting() }
    return isDone
  }
}
