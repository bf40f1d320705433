import HeapModule
import Synchronization

/// Threads that run members in turns. Who has used the least processor time goes first, as in Linux's CFS: a member
/// that is newly due and has used little goes before one that computes, and shares are fair.
///
/// A member that was idle starts at the pool's floor (the least time of those that wait), so that it gains no credit by
/// having slept.
public final class WorkerPool: TurnQueue {
  fileprivate struct Entry: Comparable {
    var used: Int64
    var order: UInt64
    var member: any PoolMember

    static func < (a: Entry, b: Entry) -> Bool { (a.used, a.order) < (b.used, b.order) }
    static func == (a: Entry, b: Entry) -> Bool { a.order == b.order }
  }

  fileprivate struct State: Sendable {
    var queue = Heap<Entry>()
    var order: UInt64 = 0
    var floor: Int64 = 0
    var idleWorkers = 0
    /// Workers that are about to take a member, so that nobody needs to be woken for the first that is notified.
    var returningWorkers = 0
    var isStopping = false
    /// Threads in `waitUntilIdle`.
    var observers = 0
  }

  private let condition = Condition(State())
  private let threads = Mutex<[OSThread]>([])
  private let slice: Int64
  private let hooks: Hooks
  private let watchdog: Watchdog

  public let workers: Int

  /// What the owner of the members does on the pool's threads. Workers are counted from 0.
  public struct Hooks: Sendable {
    /// On a worker's thread, before its first turn and after its last.
    public var began: @Sendable (_ worker: Int) -> Void
    public var ended: @Sendable (_ worker: Int) -> Void
    /// On another thread, again and again while a worker's turn is older than its slice: makes the turn end.
    public var press: @Sendable (_ worker: Int, _ now: Int64) -> Void

    public init(
      began: @escaping @Sendable (_ worker: Int) -> Void = { _ in },
      ended: @escaping @Sendable (_ worker: Int) -> Void = { _ in },
      press: @escaping @Sendable (_ worker: Int, _ now: Int64) -> Void = { _, _ in }
    ) {
      self.began = began
      self.ended = ended
      self.press = press
    }
  }

  /// `slice` is in nanoseconds. `stackSize` must hold 200 nested C calls of Lua.
  public init(
    workers: Int, slice: Int64 = 5_000_000, stackSize: Int = 1 << 20, hooks: Hooks = Hooks()
  ) throws(SystemCallError) {
    precondition(workers > 0, "a pool needs a worker, not \(workers)")
    precondition(slice > 0, "a slice is longer than \(slice) ns")
    self.workers = workers
    self.slice = slice
    self.hooks = hooks
    // A press may find the worker in the host, and is repeated: a turn lasts a quarter longer at most.
    watchdog = Watchdog(
      workers: workers, interval: max(slice / 4, 50_000), age: slice, press: hooks.press)
    try watchdog.start()
    for number in 0..<workers {
      let thread = try OSThread(name: "mw-worker-\(number)", stackSize: stackSize) { [self] in
        hooks.began(number)
        work(number)
        hooks.ended(number)
      }
      threads.withLock { $0.append(thread) }
    }
  }

  /// Makes sure that the member gets a turn after now. From any thread.
  public func notify(_ member: any PoolMember) {
    guard member.standing.claim() else { return }
    condition.withLock { state in
      guard !state.isStopping else { return }  // it would be held for good
      let used = max(member.standing.used.load(ordering: .relaxed), state.floor)
      push(member, used: used, in: &state)
      wake(state.lack)
    }
  }

  /// With the lock held: else an observer that begins to wait meanwhile could have the signal of a worker.
  private func wake(_ lack: Lack) {
    switch lack {
    case .nothing: break
    case .worker: condition.signal()
    case .anyone: condition.broadcast()
    }
  }

  /// Ends the threads after the turns that they are in, and waits for that. What is queued has no turn any more, and is let
  /// go.
  public func stop() {
    condition.withLock { $0.isStopping = true }
    condition.broadcast()
    for thread in threads.withLock({ $0 }) { thread.join() }
    condition.withLock { $0.queue = Heap() }
    watchdog.stop()
  }

  /// Blocks until no member is on a worker or waits for one. For tests: what comes from outside may end the idleness at
  /// once. Not for a pool that always has work: it may never be seen idle, and is slow while it is watched.
  public func waitUntilIdle() {
    condition.withLock { $0.observers += 1 }
    condition.wait(while: { $0.idleWorkers < self.workers || !$0.queue.isEmpty })
    condition.withLock { $0.observers -= 1 }
  }

  private func push(_ member: any PoolMember, used: Int64, in state: inout State) {
    state.order += 1
    state.queue.insert(Entry(used: used, order: state.order, member: member))
  }

  private func work(_ number: Int) {
    OSThread.setTimerSlack(nanoseconds: 1)
    var isReturning = false
    var meter = TurnMeter()
    while let entry = next(&isReturning) {
      let now = Clocks.monotonic()
      meter.begin(at: now)
      watchdog.begin(number, at: now)
      entry.member.standing.begin()
      let hasMore = turns(entry.member, TurnSlice(end: now + slice), &isReturning)
      watchdog.end(number)
      let used = entry.used + meter.end(at: Clocks.monotonic())
      entry.member.standing.used.store(used, ordering: .relaxed)
      guard entry.member.standing.end(hasMore: hasMore) else { continue }
      condition.withLock { push(entry.member, used: used, in: &$0) }
    }
  }

  /// A turn, and those that follow since what it led to is more work for the same member; whether work is left.
  private func turns(
    _ member: any PoolMember, _ slice: TurnSlice, _ isReturning: inout Bool
  ) -> Bool {
    while true {
      switch member.turn(slice) {
      case .idle: return false
      case .more: return true
      case .owes: break
      }
      condition.withLock { $0.returningWorkers += 1 }
      guard member.afterTurn() else {
        isReturning = true
        return false
      }
      condition.withLock { state in
        state.returningWorkers -= 1
        wake(state.lack)
      }
      guard !slice.isOver else {
        _ = member.afterTurn()  // it may be long until its next turn
        return true
      }
      member.standing.beginAgain()
    }
  }

  /// Waits for a member that is due; nil is the end.
  private func next(_ isReturning: inout Bool) -> Entry? {
    var isFirst = true
    return condition.wait { (state) -> Entry?? in
      if isReturning { state.returningWorkers -= 1 }
      isReturning = false
      if isFirst {
        state.idleWorkers += 1
        if state.observers > 0 { condition.broadcast() }
        isFirst = false
      }
      guard !state.isStopping else { return .some(nil) }
      guard let entry = state.queue.popMin() else { return nil }
      state.idleWorkers -= 1
      state.floor = max(state.floor, entry.used)
      // Each wakes the next, if more than one is needed.
      wake(state.lack)
      return entry
    }
  }
}

/// Who is to be woken.
private enum Lack {
  case nothing
  case worker
  /// Observers wait on the same condition: a single signal could reach one of them instead of a worker.
  case anyone
}

extension WorkerPool.State {
  /// Whether more members wait than workers are about to take one, and another could.
  fileprivate var lack: Lack {
    guard idleWorkers > 0, queue.count > returningWorkers else { return .nothing }
    return observers > 0 ? .anyone : .worker
  }
}
