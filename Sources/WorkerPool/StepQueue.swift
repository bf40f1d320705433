import Synchronization
import SystemCalls

/// Gives members their turns in the order of their notifications, on the thread that calls ``runAll()``. Simulations
/// use it; their time stands still meanwhile.
public final class StepQueue: TurnQueue {
  private let members = Mutex<[any PoolMember]>([])
  private let hooks: WorkerPool.Hooks
  private let watchdog: Watchdog

  /// The age at which a turn is asked to end, and the pause between two requests, in nanoseconds.
  private static let interval: Int64 = 100_000_000

  /// Calls the hooks as for worker 0. `began` runs here and `ended` in ``stop(until:)``, both on the calling thread.
  public init(hooks: WorkerPool.Hooks) throws(SystemCallError) {
    self.hooks = hooks
    watchdog = Watchdog(workers: 1, interval: Self.interval, age: Self.interval) { worker, now, _ in
      hooks.requestPreemption(worker, now)
    }
    try watchdog.start()
    let isReady = hooks.began(0)
    precondition(isReady, "there is no memory for a worker")
  }

  public func notify(_ member: any PoolMember) {
    guard member.memberState.claim() else { return }
    members.withLock { $0.append(member) }
  }

  /// Gives turns to the members that wait until none does. On the thread that made the queue.
  public func runAll() {
    while true {
      let waiting = members.withLock { members in
        defer { members = [] }
        return members
      }
      guard !waiting.isEmpty else { return }
      for member in waiting { run(member) }
    }
  }

  private func run(_ member: any PoolMember) {
    watchdog.begin(0, at: Clocks.monotonic())
    member.memberState.begin()
    let end = member.turn(TurnSlice(end: .max))
    let hasMore = end == .pendingWake ? member.afterTurn() : end == .more
    watchdog.end(0)
    guard member.memberState.end(hasMore: hasMore) else { return }
    members.withLock { $0.append(member) }
  }

  /// On the thread that made the queue.
  @discardableResult
  public func stop(until deadline: Int64) -> Bool {
    watchdog.stop()
    hooks.ended(0)
    return true
  }

  public func waitUntilIdle() {}
}
