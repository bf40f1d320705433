import Synchronization
import SystemCalls
import WorkerPool

/// Calls that follow from the core's effects and may take long: of subscribers, the logger, and senders of commands.
///
/// They are made one after the other in the order of the steps, on a thread of their own. So no lock is held meanwhile,
/// and one that blocks delays neither the core nor a worker.
package final class Outbox: Sendable {
  package typealias Call = @Sendable () -> Void

  private struct State: Sendable {
    var calls: [Call] = []
    var isPerforming = false
    var isStopping = false
    /// How many calls there were so far.
    var count: UInt64 = 0
  }

  /// With more waiting calls than this the core stands still, so that a receiver that is too slow cannot fill memory.
  private static let limit = 10_000

  private let state = Condition(State())
  private let isFull = Atomic<Bool>(false)
  private let thread = Mutex<OSThread?>(nil)

  func start() throws(SystemCallError) {
    let thread = try OSThread(name: "mw-outbox") { [self] in
      while let calls = next() { for call in calls { call() } }
    }
    self.thread.withLock { $0 = thread }
  }

  /// Makes the remaining calls, and returns when the thread has ended. No call may follow.
  func stop() {
    state.withLock { $0.isStopping = true }
    state.broadcast()
    thread.withLock { $0 }?.join()
  }

  func append(_ calls: [Call]) {
    guard !calls.isEmpty else { return }
    state.withLock { state in
      state.calls += calls
      state.count &+= UInt64(calls.count)
      if state.calls.count > Self.limit { isFull.store(true, ordering: .relaxed) }
    }
    state.broadcast()
  }

  /// Waits for calls; nil at the end.
  private func next() -> [Call]? {
    let calls = state.wait { [condition = state] state -> [Call]? in
      state.isPerforming = !state.calls.isEmpty
      condition.broadcast()  // observers, and a thread that waits for room
      return state.isPerforming || state.isStopping ? take(&state) : nil
    }
    return calls.isEmpty ? nil : calls
  }

  private func take(_ state: inout State) -> [Call] {
    isFull.store(false, ordering: .relaxed)
    defer { state.calls = [] }
    return state.calls
  }

  /// Makes all calls on this thread: for a simulation, which does not start the other one.
  func performAll() {
    while true {
      let calls = state.withLock { take(&$0) }
      guard !calls.isEmpty else { return }
      for call in calls { call() }
    }
  }

  var hasRoom: Bool { !isFull.load(ordering: .relaxed) }

  func waitForRoom() {
    guard !hasRoom else { return }
    state.wait(while: { $0.calls.count > Self.limit })
  }

  /// How many calls there were so far. For tests.
  package var count: UInt64 { state.withLock { $0.count } }

  /// Blocks until no call is under way or waits. For tests.
  package func waitUntilIdle() { state.wait(while: { $0.isPerforming || !$0.calls.isEmpty }) }
}
