import Glibc
import Synchronization
import SystemCalls
import Testing

@testable import WorkerPool

@Suite struct WorkerPoolTests {
  @Test(arguments: [1, 2, 4]) func `each member that a turn notifies gets a turn`(
    workers: Int
  ) throws {
    let pool = try WorkerPool(workers: workers)
    defer { pool.stop() }
    let turns = Atomic<Int>(0)
    let members = (0..<6).map { _ in
      Member { _ in
        turns.wrappingAdd(1, ordering: .relaxed)
        return .idle
      }
    }
    let first = Member(
      turn: { _ in .pendingWake },
      afterTurn: {
        for member in members { pool.notify(member) }
        return false
      })
    for round in 1...200 {
      pool.notify(first)
      pool.waitUntilIdle()
      #expect(turns.load(ordering: .relaxed) == round * members.count)
    }
  }

  @Test func `a member with new work after its turn continues, and the others get a worker`()
    throws
  {
    let pool = try WorkerPool(workers: 2)
    defer { pool.stop() }
    let gate = Condition(false)
    let other = Member { _ in
      gate.withLock { $0 = true }
      gate.broadcast()
      return .idle
    }
    let turns = Atomic<Int>(0)
    let first = Member(
      turn: { _ in
        guard turns.wrappingAdd(1, ordering: .relaxed).newValue == 2 else { return .pendingWake }
        gate.wait(while: { !$0 })  // until the other has had its turn on the other worker
        return .idle
      },
      afterTurn: {
        pool.notify(other)
        return true
      })
    pool.notify(first)
    pool.waitUntilIdle()
    #expect(turns.load(ordering: .relaxed) == 2)
  }

  @Test func `a turn's slice bounds the turns that follow it`() throws {
    let pool = try WorkerPool(workers: 1, slice: 1_000_000)
    defer { pool.stop() }
    let hasRun = Condition(false)
    let endless = Member(turn: { _ in .pendingWake }, afterTurn: { !hasRun.withLock { $0 } })
    let other = Member { _ in
      hasRun.withLock { $0 = true }
      return .idle
    }
    pool.notify(endless)
    pool.notify(other)
    pool.waitUntilIdle()
    #expect(hasRun.withLock { $0 })
  }

  @Test func `workers that were stuck leave, but for one`() throws {
    // A leaving worker is slow, so that the next one is no longer stuck before it has gone.
    let hooks = WorkerPool.Hooks(ended: { _ in usleep(5_000) })
    let pool = try WorkerPool(workers: 1, slice: 1_000_000, hooks: hooks)
    defer { pool.stop() }
    let members = (0..<3).map { _ in
      let turns = Atomic<Int>(0)
      return Member { slice in
        while Clocks.monotonic() < slice.end + 4_000_000 {}
        return turns.wrappingAdd(1, ordering: .relaxed).newValue < 60 ? .more : .idle
      }
    }
    for member in members { pool.notify(member) }
    let isServed = Condition(false)
    let last = Member { _ in
      isServed.withLock { $0 = true }
      isServed.broadcast()
      return .idle
    }
    for _ in 0..<20 {
      pool.notify(last)
      let served = isServed.wait(until: Clocks.monotonic() + 10_000_000_000) { $0 ? true : nil }
      try #require(served == true, "no worker is left")
      isServed.withLock { $0 = false }
      usleep(50_000)
    }
  }

  private final class Member: PoolMember {
    let memberState = MemberState()
    private let body: @Sendable (TurnSlice) -> TurnEnd
    private let after: @Sendable () -> Bool

    init(
      turn: @escaping @Sendable (TurnSlice) -> TurnEnd,
      afterTurn: @escaping @Sendable () -> Bool = { false }
    ) {
      body = turn
      after = afterTurn
    }

    func turn(_ slice: TurnSlice) -> TurnEnd { body(slice) }
    func afterTurn() -> Bool { after() }
  }
}

@Suite struct TurnChargeTests {
  @Test func `a turn is charged for computing, not for sleeping`() {
    var meter = TurnMeter()
    func charge(_ body: () -> Void) -> Int64 {
      meter.begin(at: Clocks.monotonic())
      body()
      return meter.end(at: Clocks.monotonic())
    }
    func compute(_ nanoseconds: Int64) {
      let end = Clocks.threadCPU() + nanoseconds
      while Clocks.threadCPU() < end {}
    }
    let slept = charge { usleep(20_000) }
    #expect((1..<10_000_000).contains(slept))
    #expect(charge { compute(10_000_000) } >= 10_000_000)
    // Short turns are charged the time that has passed. The next long turn must not be charged for them again.
    var short: Int64 = 0
    for _ in 1...100 { short += charge { compute(20_000) } }
    #expect(short >= 2_000_000)
    let long = charge { compute(10_000_000) }
    #expect(long < 40_000_000)
    // If the thread had to wait, its short turns were charged for that, and the long turn is charged less.
    #expect(short + long >= 12_000_000)
  }
}
