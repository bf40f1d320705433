import HeapModule
import Synchronization
import SystemCalls

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
    /// A worker with nothing to do keeps the watch, and whether it has been told to come back from it.
    var isWatched = false
    var isRecalled = false
    /// Threads in `waitUntilIdle`.
    var observers = 0
    /// Workers whose threads live, and how many of them are stuck in a turn.
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
  /// What the worker on watch sleeps on.
  private let watch: (alarm: Alarm, look: @Sendable () -> Void)?

  public let workers: Int

  /// So many threads more than `workers` may live while turns are stuck.
  public static let spareWorkers = 32

  /// What the owner of the members does on the pool's threads. Workers are counted from 0; there are as many numbers as
  /// ``capacity`` says, and one may be used again by another thread.
  public struct Hooks: Sendable {
    /// On a worker's thread, before its first turn and after its last.
    /// `began` answers whether the thread can have turns.
    public var began: @Sendable (_ worker: Int) -> Bool
    public var ended: @Sendable (_ worker: Int) -> Void
    /// On another thread, again and again while a worker's turn is older than its slice: makes the turn end.
    public var press: @Sendable (_ worker: Int, _ now: Int64) -> Void

    public init(
      began: @escaping @Sendable (_ worker: Int) -> Bool = { _ in true },
      ended: @escaping @Sendable (_ worker: Int) -> Void = { _ in },
      press: @escaping @Sendable (_ worker: Int, _ now: Int64) -> Void = { _, _ in }
    ) {
      self.began = began
      self.ended = ended
      self.press = press
    }
  }

  /// What one of the workers without work sleeps on, and does when that wakes it: so that it need not be woken by another
  /// thread for what this leads to.
  public struct Watch: Sendable {
    /// On which another thread sleeps too: for when all workers have work.
    public var alarm: Alarm
    /// Looks at what has come; on the worker's thread.
    public var look: @Sendable () -> Void

    public init(alarm: Alarm, look: @escaping @Sendable () -> Void) {
      self.alarm = alarm
      self.look = look
    }
  }

  /// How many numbers of workers there are.
  public static func capacity(workers: Int) -> Int { workers + spareWorkers }

  /// `slice` is in nanoseconds. `stackSize` must hold 200 nested C calls of Lua, and a function of the host on top.
  public init(
    workers: Int, slice: Int64 = 5_000_000, stackSize: Int = 2 << 20, hooks: Hooks = Hooks(),
    watch: Watch? = nil
  ) throws(SystemCallError) {
    precondition(workers > 0, "a pool needs a worker, not \(workers)")
    precondition(slice > 0, "a slice is longer than \(slice) ns")
    self.workers = workers
    self.slice = slice
    self.hooks = hooks
    self.stackSize = stackSize
    self.watch =
      if let watch { (try Alarm(beside: watch.alarm), watch.look) } else { nil }
    // A press may find the worker in the host, and is repeated: a turn lasts a quarter longer at most.
    let reference = WeakPool()
    watchdog = Watchdog(
      workers: Self.capacity(workers: workers), interval: max(slice / 4, 50_000), age: slice
    ) { worker, now, age in
      hooks.press(worker, now)
      // A turn that can be preempted ends within a press or two after its slice.
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
      if hooks.began(number) {
        work(number)
        hooks.ended(number)
      } else {
        // One in place of another is tried again; without the first ones there is no pool.
        precondition(number >= workers, "there is no memory for a worker")
      }
      condition.withLock { state in
        state.live -= 1
        state.free.append(number)
      }
      condition.broadcast()
    }
    threads.withLock { $0[number] = thread }
  }

  /// Starts another thread in place of a worker whose turn cannot be preempted for long, if there is work that nobody else can
  /// do: the kernel then shares the processors between them. On the watchdog's thread.
  private func replaceStuck(_ worker: Int) {
    let isFirst = !watchdog.sheets[worker].isStuck.exchange(true, ordering: .acquiringAndReleasing)
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
    } catch {  // the machine has no room for a thread: it is tried again
      condition.withLock { state in
        state.live -= 1
        state.free.append(number)
      }
    }
  }

  /// A turn has ended during which the worker was stuck: whether another has its place, so that this one is to end.
  private func endStuck(_ worker: Int) -> Bool {
    watchdog.sheets[worker].isStuck.store(false, ordering: .releasing)
    return condition.withLock { state in
      state.stuck -= 1
      return state.live - state.stuck > workers
    }
  }

  /// Makes sure that the member gets a turn after now. From any thread.
  public func notify(_ member: any PoolMember) {
    guard member.standing.claim() else { return }
    condition.withLock { state in
      guard !state.isStopping else { return }  // it would be held for good
      let used = max(member.standing.used.load(ordering: .relaxed), state.floor)
      push(member, used: used, in: &state)
      wakeForWork(&state)
    }
  }

  /// Sees to it that a worker comes for what waits. With the lock held: else an observer that begins to wait meanwhile could
  /// have the signal of a worker.
  private func wakeForWork(_ state: inout State) {
    guard state.lacksWorker else { return }
    // Observers wait on the same condition: a single signal could reach one of them instead of a worker.
    if state.observers > 0 { condition.broadcast() }
    // The one on watch has worked last, likely: its processor is free, and has what is needed in its cache.
    if !recall(&state) { condition.signal() }
  }

  /// Lets the worker on watch come back; whether there is one that was not told so before. With the lock held.
  @discardableResult
  private func recall(_ state: inout State) -> Bool {
    guard state.isWatched, !state.isRecalled else { return false }
    state.isRecalled = true
    watch?.alarm.nudge()
    return true
  }

  /// Ends the threads after the turns that they are in, and waits for that, until a monotonic time at most. What is queued has
  /// no turn any more, and is let go. Answers whether all have ended: one that is stuck in a function of the host is left
  /// behind.
  @discardableResult
  public func stop(until deadline: Int64) -> Bool {
    condition.withLock { state in
      state.isStopping = true
      recall(&state)
    }
    condition.broadcast()
    let areOver = condition.wait(until: deadline) { $0.live == 0 ? true : nil } ?? false
    if areOver { for thread in threads.withLock({ $0 }).values { thread.join() } }
    condition.withLock { $0.queue = Heap() }
    watchdog.stop()
    return areOver
  }

  /// Blocks until no member is on a worker or waits for one. For tests: what comes from outside may end the idleness at
  /// once. Not for a pool that always has work: it may never be seen idle, and is slow while it is watched.
  public func waitUntilIdle() {
    condition.withLock { $0.observers += 1 }
    condition.wait(while: { $0.idleWorkers < $0.live || !$0.queue.isEmpty })
    condition.withLock { $0.observers -= 1 }
  }

  private func push(_ member: any PoolMember, used: Int64, in state: inout State) {
    state.order += 1
    state.queue.insert(Entry(used: used, order: state.order, member: member))
  }

  private func work(_ number: Int) {
    CurrentThread.setTimerSlack(nanoseconds: 1)
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
      if entry.member.standing.end(hasMore: hasMore) {
        condition.withLock { state in
          push(entry.member, used: used, in: &state)
          // Who was stuck may not come back.
          if watchdog.sheets[number].isStuck.load(ordering: .relaxed) { wakeForWork(&state) }
        }
      }
      if watchdog.sheets[number].isStuck.load(ordering: .acquiring), endStuck(number) {
        leave(&isReturning)
        return
      }
    }
  }

  /// Ends the thread of a worker whose place another has.
  private func leave(_ isReturning: inout Bool) {
    guard isReturning else { return }
    isReturning = false
    condition.withLock { state in
      state.returningWorkers -= 1
      wakeForWork(&state)
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
        wakeForWork(&state)
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
    while true {
      switch nextTask(&isReturning) {
      case .work(let entry): return entry
      case .over: return nil
      case .watch: keepWatch(&isReturning)
      }
    }
  }

  private enum Task {
    case work(Entry)
    case watch
    case over
  }

  /// Waits until there is something to do for a worker that has nothing.
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
        // Each wakes the next, if more than one is needed.
        wakeForWork(&state)
        return .work(entry)
      }
      guard watch != nil, !state.isWatched else { return nil }
      state.isWatched = true
      return .watch
    }
  }

  /// Sleeps until it is recalled, or something is to be looked at, and does that. The worker counts as idle until then.
  private func keepWatch(_ isReturning: inout Bool) {
    guard let watch else { return }
    let wake = watch.alarm.sleep()
    let looks = !wake.subtracting(.nudged).isEmpty
    condition.withLock { state in
      state.isWatched = false
      state.isRecalled = false
      state.idleWorkers -= 1
      // It takes the first member of those that it finds work for.
      if looks { state.returningWorkers += 1 }
    }
    isReturning = looks
    if looks { watch.look() }
  }
}

/// A weak reference to the pool: the watchdog's closure needs it before the pool is there.
///
/// `@unchecked Sendable`: set once, before the watchdog's thread starts.
private final class WeakPool: @unchecked Sendable {
  weak var pool: WorkerPool?
}

extension WorkerPool.State {
  /// Whether more members wait than workers are about to take one, and another could.
  fileprivate var lacksWorker: Bool { idleWorkers > 0 && queue.count > returningWorkers }
}
