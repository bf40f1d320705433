import HeapModule
import Synchronization
import SystemCalls

/// Threads that give members turns. The member that has used the least processor time goes first, as in Linux's CFS:
/// one that has used little goes before one that computes, and shares are fair.
///
/// A member that was idle starts at the pool's floor (the least time of those that wait), so that it earns no credit
/// while it sleeps.
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
    /// Workers that are about to take a member; for so many members no worker must be woken.
    var returningWorkers = 0
    var isStopping = false
    /// Whether an idle worker sleeps on the idle hook's alarm, and whether it has been woken since.
    var isPolling = false
    var isPollerWoken = false
    /// Threads in `waitUntilIdle`.
    var observers = 0
    /// Workers that have a thread, and how many of those are stuck in a turn.
    var live = 0
    var stuck = 0
    /// Numbers of workers without a thread.
    var free: [Int] = []
  }

  private let condition = Condition(State())
  private let threads = Mutex<[Int: OSThread]>([:])
  private let stackSize: Int
  private let slice: Int64
  private let hooks: Hooks
  private let watchdog: Watchdog
  /// The idle hook, with an alarm of the pool's own that shares with the hook's.
  private let idleHook: IdleHook?

  public let workers: Int

  /// How many threads there may be in addition to `workers` while turns are stuck.
  public static let spareWorkers = 32

  /// Closures that the pool calls on its threads. Workers are numbered from 0 to ``capacity(workers:)`` − 1; another
  /// thread may get the number of one that has ended.
  public struct Hooks: Sendable {
    /// Called on a worker's thread before its first turn. Returns whether the thread can have turns.
    public var began: @Sendable (_ worker: Int) -> Bool
    /// Called on a worker's thread after its last turn.
    public var ended: @Sendable (_ worker: Int) -> Void
    /// Makes a worker's turn end. Called on the watchdog's thread, repeatedly, while the turn is older than its slice.
    public var requestPreemption: @Sendable (_ worker: Int, _ now: Int64) -> Void

    public init(
      began: @escaping @Sendable (_ worker: Int) -> Bool = { _ in true },
      ended: @escaping @Sendable (_ worker: Int) -> Void = { _ in },
      requestPreemption: @escaping @Sendable (_ worker: Int, _ now: Int64) -> Void = { _, _ in }
    ) {
      self.began = began
      self.ended = ended
      self.requestPreemption = requestPreemption
    }
  }

  /// Lets one idle worker sleep on an alarm and handle its wake-ups, which saves waking a second thread for the work
  /// that they lead to: a fire costs a third less processor time than without.
  public struct IdleHook: Sendable {
    /// Another thread sleeps on this alarm too; it is woken while all workers have work.
    public var alarm: Alarm
    /// Called on the worker's thread after each wake-up.
    public var onWake: @Sendable () -> Void

    public init(alarm: Alarm, onWake: @escaping @Sendable () -> Void) {
      self.alarm = alarm
      self.onWake = onWake
    }
  }

  /// How old a turn becomes at most before the watchdog looks whether it is past a limit, in nanoseconds.
  private static let longestUnwatched: Int64 = 10_000_000

  /// How many numbers of workers there are.
  public static func capacity(workers: Int) -> Int { workers + spareWorkers }

  /// - Parameters:
  ///   - slice: in nanoseconds.
  ///   - stackSize: in bytes. It must hold 200 nested C calls of Lua and a host function on top.
  public init(
    workers: Int, slice: Int64 = 5_000_000, stackSize: Int = 2 << 20, hooks: Hooks = Hooks(),
    idleHook: IdleHook? = nil
  ) throws(SystemCallError) {
    precondition(workers > 0, "a pool needs a worker, not \(workers)")
    precondition(slice > 0, "a slice is longer than \(slice) ns")
    self.workers = workers
    self.slice = slice
    self.hooks = hooks
    self.stackSize = stackSize
    self.idleHook =
      if let idleHook {
        IdleHook(alarm: try Alarm(sharing: idleHook.alarm), onWake: idleHook.onWake)
      } else {
        nil
      }
    // A request may find the worker in a host function, so it is repeated: a turn lasts a quarter longer at most.
    // Limits of a turn may be shorter than the slice.
    let reference = WeakPool()
    let firstLook = min(slice, Self.longestUnwatched)
    watchdog = Watchdog(
      workers: Self.capacity(workers: workers), interval: max(firstLook / 4, 50_000), age: firstLook
    ) { worker, now, age in
      hooks.requestPreemption(worker, now)
      // A turn that can be preempted ends within one or two requests after its slice.
      if age > slice + max(slice / 2, 1_000_000) { reference.pool?.replaceStuck(worker) }
    }
    reference.pool = self
    condition.withLock { state in
      state.free = (workers..<Self.capacity(workers: workers)).reversed()
      state.live = workers
    }
    try watchdog.start()
    for number in 0..<workers { try startThread(number) }
  }

  private func startThread(_ number: Int) throws(SystemCallError) {
    let thread = try OSThread(name: "mw-worker-\(number)", stackSize: stackSize) { [self] in
      var hasLeft = false
      if hooks.began(number) {
        hasLeft = work(number)
        hooks.ended(number)
      } else {
        // A replacement is tried again later; without the first threads there is no pool.
        precondition(number >= workers, "there is no memory for a worker")
      }
      condition.withLock { state in
        if !hasLeft { state.live -= 1 }
        state.free.append(number)
      }
      condition.broadcast()
    }
    threads.withLock { $0[number] = thread }
  }

  /// Starts another thread in place of a worker whose turn has ignored requests to end for long, if work waits that no
  /// other worker can do. The kernel then shares the processors between the two. On the watchdog's thread.
  private func replaceStuck(_ worker: Int) {
    let isFirst = !watchdog.slots[worker].isStuck.exchange(true, ordering: .acquiringAndReleasing)
    let number = condition.withLock { state -> Int? in
      if isFirst { state.stuck += 1 }
      guard !state.isStopping, !state.queue.isEmpty, state.idleWorkers == 0,
        state.live - state.stuck < workers, let number = state.free.popLast()
      else { return nil }
      state.live += 1
      return number
    }
    guard let number else { return }
    do {
      try startThread(number)
    } catch {  // The machine has no room for a thread; the watchdog tries again.
      condition.withLock { state in
        state.live -= 1
        state.free.append(number)
      }
    }
  }

  /// Call it when a turn has ended during which the worker was stuck.
  ///
  /// - Returns: whether another thread has the worker's place, so that this one must end. It does not count any more then,
  ///   or two that end at one time would each take the other for the one that stays.
  private func endStuck(_ worker: Int) -> Bool {
    watchdog.slots[worker].isStuck.store(false, ordering: .releasing)
    return condition.withLock { state in
      state.stuck -= 1
      guard state.live - state.stuck > workers else { return false }
      state.live -= 1
      return true
    }
  }

  /// Makes sure that the member gets a turn that begins after this call. Any thread.
  public func notify(_ member: any PoolMember) {
    guard member.memberState.claim() else { return }
    condition.withLock { state in
      guard !state.isStopping else { return }  // The queue would keep the member alive for ever.
      let used = max(member.memberState.used.load(ordering: .relaxed), state.floor)
      push(member, used: used, in: &state)
      wakeForWork(&state)
    }
  }

  /// Wakes a worker for a waiting member if none is about to come. With the lock held: otherwise an observer that
  /// begins to wait meanwhile could receive the signal in place of a worker.
  private func wakeForWork(_ state: inout State) {
    guard state.lacksWorker else { return }
    // Observers wait on the same condition, so a single signal could reach one of them instead of a worker.
    if state.observers > 0 { condition.broadcast() }
    // The polling worker has probably worked last: its processor is idle and has a warm cache.
    if !wakePoller(&state) { condition.signal() }
  }

  /// Wakes the worker that polls while idle. With the lock held.
  ///
  /// - Returns: false if no worker polls, or it was woken before.
  @discardableResult
  private func wakePoller(_ state: inout State) -> Bool {
    guard state.isPolling, !state.isPollerWoken else { return false }
    state.isPollerWoken = true
    idleHook?.alarm.wakeThis()
    return true
  }

  /// Ends the threads after the turns under way, and waits for that, until a monotonic time at most. Releases the
  /// members that wait; they get no turn any more.
  ///
  /// - Returns: whether all threads have ended. One that is stuck in a host function is left behind.
  @discardableResult
  public func stop(until deadline: Int64) -> Bool {
    condition.withLock { state in
      state.isStopping = true
      wakePoller(&state)
    }
    condition.broadcast()
    let areOver = condition.wait(until: deadline) { $0.live == 0 ? true : nil } ?? false
    if areOver { for thread in threads.withLock({ $0 }).values { thread.join() } }
    condition.withLock { $0.queue = Heap() }
    watchdog.stop()
    return areOver
  }

  /// Blocks until no member is on a worker or waits for one.
  ///
  /// For tests, since any other thread may end the idleness at once. A pool that always has work may never be seen
  /// idle, and is slow while a thread waits here.
  public func waitUntilIdle() {
    condition.withLock { $0.observers += 1 }
    condition.wait(while: { $0.idleWorkers < $0.live || !$0.queue.isEmpty })
    condition.withLock { $0.observers -= 1 }
  }

  private func push(_ member: any PoolMember, used: Int64, in state: inout State) {
    state.order += 1
    state.queue.insert(Entry(used: used, order: state.order, member: member))
  }

  /// Gives turns until the pool stops, or another thread has the worker's place: then it returns true.
  private func work(_ number: Int) -> Bool {
    CurrentThread.setTimerSlack(nanoseconds: 1)
    var isReturning = false
    var meter = TurnMeter()
    while let entry = next(&isReturning) {
      let now = Clocks.monotonic()
      meter.begin(at: now)
      watchdog.begin(number, at: now)
      entry.member.memberState.begin()
      let hasMore = turns(entry.member, TurnSlice(end: now + slice), &isReturning)
      watchdog.end(number)
      let used = entry.used + meter.end(at: Clocks.monotonic())
      entry.member.memberState.used.store(used, ordering: .relaxed)
      if entry.member.memberState.end(hasMore: hasMore) {
        condition.withLock { state in
          push(entry.member, used: used, in: &state)
          // A worker that was stuck may not return for the member itself.
          if watchdog.slots[number].isStuck.load(ordering: .relaxed) { wakeForWork(&state) }
        }
      }
      if watchdog.slots[number].isStuck.load(ordering: .acquiring), endStuck(number) {
        leave(&isReturning)
        return true
      }
    }
    return false
  }

  /// Prepares the end of a thread whose worker's place another thread has.
  private func leave(_ isReturning: inout Bool) {
    guard isReturning else { return }
    isReturning = false
    condition.withLock { state in
      state.returningWorkers -= 1
      wakeForWork(&state)
    }
  }

  /// Gives the member a turn, and further ones while ``PoolMember/afterTurn()`` produces work for the same member.
  ///
  /// - Returns: whether work is left.
  private func turns(
    _ member: any PoolMember, _ slice: TurnSlice, _ isReturning: inout Bool
  ) -> Bool {
    while true {
      switch member.turn(slice) {
      case .idle: return false
      case .more: return true
      case .pendingWake: break
      }
      condition.withLock { $0.returningWorkers += 1 }
      guard member.afterTurn() else {
        isReturning = true
        return false
      }
      condition.withLock { state in
        state.returningWorkers -= 1
        wakeForWork(&state)
      }
      guard !slice.isOver else { return true }
      member.memberState.beginAgain()
    }
  }

  /// Waits for a member that has work; nil if the worker must end.
  private func next(_ isReturning: inout Bool) -> Entry? {
    while true {
      switch nextTask(&isReturning) {
      case .work(let entry): return entry
      case .over: return nil
      case .poll: pollWhileIdle(&isReturning)
      }
    }
  }

  private enum Task {
    case work(Entry)
    case poll
    case over
  }

  /// Waits until an idle worker has something to do.
  private func nextTask(_ isReturning: inout Bool) -> Task {
    var isFirst = true
    return condition.wait { (state) -> Task? in
      if isReturning { state.returningWorkers -= 1 }
      isReturning = false
      if isFirst {
        state.idleWorkers += 1
        if state.observers > 0 { condition.broadcast() }
        isFirst = false
      }
      guard !state.isStopping else { return .over }
      if let entry = state.queue.popMin() {
        state.idleWorkers -= 1
        state.floor = max(state.floor, entry.used)
        // Each worker that wakes wakes the next if more are needed.
        wakeForWork(&state)
        return .work(entry)
      }
      guard idleHook != nil, !state.isPolling else { return nil }
      state.isPolling = true
      return .poll
    }
  }

  /// Sleeps on the idle hook's alarm and calls the hook, unless ``wakePoller(_:)`` alone ended the sleep. The worker
  /// counts as idle until then.
  private func pollWhileIdle(_ isReturning: inout Bool) {
    guard let idleHook else { return }
    let wake = idleHook.alarm.sleep()
    let callsHook = !wake.subtracting(.wakeThis).isEmpty
    condition.withLock { state in
      state.isPolling = false
      state.isPollerWoken = false
      state.idleWorkers -= 1
      // If the hook notifies members, this worker takes the first of them.
      if callsHook { state.returningWorkers += 1 }
    }
    isReturning = callsHook
    if callsHook { idleHook.onWake() }
  }
}

/// A weak reference to the pool. The watchdog's closure needs it before the pool is initialized.
///
/// `@unchecked Sendable`: `init` sets it once, before the watchdog's thread starts.
private final class WeakPool: @unchecked Sendable {
  weak var pool: WorkerPool?
}

extension WorkerPool.State {
  /// Whether more members wait than workers are about to take one, and an idle worker could take one.
  fileprivate var lacksWorker: Bool { idleWorkers > 0 && queue.count > returningWorkers }
}
