import Synchronization
import SystemCalls

/// Gives members their turns in the order of their notifications, on the thread that calls ``runAll()``. Simulations
/// use it; their time stands still meanwhile.
public final class StepQueue: TurnQueue {
  private let members = Mutex<[any PoolMember]>([])
  /// The real time of long turns, by member.
  private let times = Mutex<[ObjectIdentifier: LongTurns]>([:])
  private let hooks: WorkerPool.Hooks
  private let watchdog: Watchdog

  /// The age at which a turn is asked to end, and the pause between two requests, in nanoseconds.
  private static let interval: Int64 = 100_000_000
  /// Turns of at least this length are counted for ``busiest``, in nanoseconds.
  private static let longTurn: Int64 = 1_000_000

  /// The long turns of a member, which this does not keep alive.
  private struct LongTurns: Sendable {
    weak var member: (any PoolMember)?
    var nanoseconds: Int64 = 0
  }

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

  /// Gives turns to the members that wait until none does, or until a monotonic time. On the thread that made the
  /// queue.
  ///
  /// - Returns: whether no member waits.
  @discardableResult
  public func runAll(until deadline: Int64 = .max) -> Bool {
    while true {
      let waiting = members.withLock { members in
        defer { members = [] }
        return members
      }
      guard !waiting.isEmpty else { return true }
      for (index, member) in waiting.enumerated() {
        guard run(member, until: deadline) < deadline else {
          members.withLock { $0 = waiting[(index + 1)...] + $0 }
          return false
        }
      }
    }
  }

  /// The member whose long turns have taken most real time, and how many nanoseconds that was; nil if there was none.
  public var busiest: (member: any PoolMember, nanoseconds: Int64)? {
    times.withLock { times in
      times.values.lazy.compactMap { turns in turns.member.map { ($0, turns.nanoseconds) } }
        .max { $0.1 < $1.1 }
    }
  }

  /// Gives a member a turn. Returns the monotonic time at its end.
  private func run(_ member: any PoolMember, until deadline: Int64) -> Int64 {
    let began = Clocks.monotonic()
    watchdog.begin(0, at: began)
    member.memberState.begin()
    let end = member.turn(TurnSlice(end: deadline))
    let hasMore = end == .pendingWake ? member.afterTurn() : end == .more
    watchdog.end(0)
    defer { notifyAgain(member, hasMore: hasMore) }
    let now = Clocks.monotonic()
    if now - began >= Self.longTurn { addLongTurn(of: member, now - began) }
    return now
  }

  private func addLongTurn(of member: any PoolMember, _ nanoseconds: Int64) {
    times.withLock { times in
      let id = ObjectIdentifier(member)
      // Another object may have had this address.
      if times[id]?.member !== member {
        times = times.filter { $0.value.member != nil }
        times[id] = LongTurns(member: member)
      }
      times[id]?.nanoseconds += nanoseconds
    }
  }

  private func notifyAgain(_ member: any PoolMember, hasMore: Bool) {
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
