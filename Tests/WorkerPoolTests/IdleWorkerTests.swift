import Glibc
import Synchronization
import SystemCalls
import Testing

@testable import WorkerPool

/// What wakes an idle worker, and what it does then.
@Suite struct IdleWorkerTests {
  /// A pool with a hook that counts its calls.
  private final class HookedPool: Sendable {
    let alarm: Alarm
    let pool: WorkerPool
    private let calls: Condition<Int>

    init(workers: Int, onWake: @escaping @Sendable () -> Void = {}) throws {
      let alarm = try Alarm()
      let calls = Condition(0)
      self.alarm = alarm
      self.calls = calls
      // With a slice that no turn outlasts, so that a busy worker never counts as stuck and gets no replacement.
      pool = try WorkerPool(
        workers: workers, slice: 60_000_000_000,
        idleHook: .init(alarm: alarm) {
          onWake()
          calls.withLock { $0 += 1 }
          calls.broadcast()
        })
    }

    func awaitCalls(_ count: Int) throws {
      let seen = calls.wait(until: Clocks.monotonic() + 10_000_000_000) { $0 >= count ? $0 : nil }
      _ = try #require(seen, "no worker has called the hook")
    }
  }

  private final class Member: PoolMember {
    let memberState = MemberState()
    private let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }

    func turn(_ slice: TurnSlice) -> TurnEnd {
      body()
      return .idle
    }
  }

  @Test(arguments: [1, 2, 4]) func `a worker calls the hook after a wake-up`(workers: Int) throws {
    let hooked = try HookedPool(workers: workers)
    defer { hooked.pool.stop() }
    for count in 1...50 {
      hooked.alarm.wakeOne()
      try hooked.awaitCalls(count)
    }
  }

  @Test func `the polling worker returns when a member has work`() throws {
    let hooked = try HookedPool(workers: 1)
    defer { hooked.pool.stop() }
    let turns = Atomic<Int>(0)
    let member = Member { turns.wrappingAdd(1, ordering: .relaxed) }
    for count in 1...500 {
      hooked.pool.notify(member)
      hooked.pool.waitUntilIdle()
      #expect(turns.load(ordering: .relaxed) == count)
    }
  }

  @Test func `the worker that calls the hook takes the member that the hook notifies`() throws {
    let threads = Condition<(hook: pthread_t?, turn: pthread_t?)>((nil, nil))
    let member = Member {
      threads.withLock { $0.turn = pthread_self() }
      threads.broadcast()
    }
    let pool = Mutex<WorkerPool?>(nil)
    let hooked = try HookedPool(workers: 2) {
      threads.withLock { $0.hook = pthread_self() }
      pool.withLock { $0 }?.notify(member)
    }
    defer {
      pool.withLock { $0 = nil }
      hooked.pool.stop()
    }
    pool.withLock { $0 = hooked.pool }
    // Now both workers are idle, and no observer wakes them any more.
    hooked.pool.waitUntilIdle()
    let other = try Sleeper(on: hooked.alarm)
    hooked.alarm.wakeOne()
    let limit = Clocks.monotonic() + 10_000_000_000
    let seen = threads.wait(until: limit) { $0.turn != nil ? $0 : nil }
    #expect(seen != nil && seen?.turn == seen?.hook)
    other.end()
  }

  @Test func `while all workers are busy, a wake-up goes to the other thread`() throws {
    let hooked = try HookedPool(workers: 2)
    let gate = Condition((running: 0, isOpen: false))
    let members = (0..<2).map { _ in
      Member {
        gate.withLock { $0.running += 1 }
        gate.broadcast()
        gate.wait(while: { !$0.isOpen })
      }
    }
    for member in members { hooked.pool.notify(member) }
    gate.wait(while: { $0.running < 2 })
    let sleeper = try Sleeper(on: hooked.alarm)
    hooked.alarm.wakeOne()
    #expect(try sleeper.wake() == .wakeOne)
    gate.withLock { $0.isOpen = true }
    gate.broadcast()
    hooked.pool.waitUntilIdle()
    hooked.alarm.wakeOne()
    try hooked.awaitCalls(1)
    hooked.pool.stop()
  }

  @Test func `a pool stops while a worker polls`() throws {
    for _ in 0..<50 { try HookedPool(workers: 2).pool.stop() }
  }
}
