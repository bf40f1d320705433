import Synchronization
import SystemCalls

/// Members in the order in which they were notified, with turns on the thread that asks for them: for a simulation, whose
/// time stands still meanwhile.
public final class StepQueue: TurnQueue {
  private let members = Mutex<[any PoolMember]>([])
  private let hooks: WorkerPool.Hooks
  private let watchdog: Watchdog

  /// How often a turn that lasts is pressed, in nanoseconds.
  private static let interval: Int64 = 100_000_000

  /// The hooks are called as for worker 0: `began` and `ended` on the calling thread, here and in ``stop()``.
  public init(hooks: WorkerPool.Hooks) throws(SystemCallError) {
    self.hooks = hooks
    watchdog = Watchdog(workers: 1, interval: Self.interval, age: Self.interval) { worker, now, _ in
      hooks.press(worker, now)
    }
    try watchdog.start()
    let isReady = hooks.began(0)
    precondition(isReady, "there is no memory for a worker")
  }

  public func notify(_ member: any PoolMember) {
    guard member.standing.claim() else { return }
    members.withLock { $0.append(member) }
  }

  /// Gives a turn to each member that waits for one, again and again until none does. On the thread that made the queue.
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
    member.standing.begin()
    let end = member.turn(TurnSlice(end: .max))
    let hasMore = end == .owes ? member.afterTurn() : end == .more
    watchdog.end(0)
    guard member.standing.end(hasMore: hasMore) else { return }
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
