import Glibc
import Synchronization
import SystemCalls
import Testing

@testable import WorkerPool

/// The worker that has nothing to do and looks at what comes.
@Suite struct WatchTests {
  /// A pool, how often it has looked, and what a look does besides.
  private final class Watched: Sendable {
    let alarm: Alarm
    let pool: WorkerPool
    private let looks: Condition<Int>

    init(workers: Int, onLook: @escaping @Sendable () -> Void = {}) throws {
      let alarm = try Alarm()
      let looks = Condition(0)
      self.alarm = alarm
      self.looks = looks
      pool = try WorkerPool(
        workers: workers,
        watch: .init(alarm: alarm) {
          onLook()
          looks.withLock { $0 += 1 }
          looks.broadcast()
        })
    }

    func awaitLooks(_ count: Int) throws {
      let seen = looks.wait(until: Clocks.monotonic() + 10_000_000_000) { $0 >= count ? $0 : nil }
      _ = try #require(seen, "nobody has looked")
    }
  }

  private final class Member: PoolMember {
    let standing = PoolStanding()
    private let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }

    func turn(_ slice: TurnSlice) -> TurnEnd {
      body()
      return .idle
    }
  }

  @Test(arguments: [1, 2, 4]) func `a ring is looked at by a worker`(workers: Int) throws {
    let watched = try Watched(workers: workers)
    defer { watched.pool.stop() }
    for count in 1...50 {
      watched.alarm.ring()
      try watched.awaitLooks(count)
    }
  }

  @Test func `the one on watch comes back for work`() throws {
    let watched = try Watched(workers: 1)
    defer { watched.pool.stop() }
    let turns = Atomic<Int>(0)
    let member = Member { turns.wrappingAdd(1, ordering: .relaxed) }
    for count in 1...500 {
      watched.pool.notify(member)
      watched.pool.waitUntilIdle()
      #expect(turns.load(ordering: .relaxed) == count)
    }
  }

  @Test func `who looks takes a member that this notifies itself`() throws {
    let threads = Condition<(look: pthread_t?, turn: pthread_t?)>((nil, nil))
    let member = Member {
      threads.withLock { $0.turn = pthread_self() }
      threads.broadcast()
    }
    let pool = Mutex<WorkerPool?>(nil)
    let watched = try Watched(workers: 2) {
      threads.withLock { $0.look = pthread_self() }
      pool.withLock { $0 }?.notify(member)
    }
    defer {
      pool.withLock { $0 = nil }
      watched.pool.stop()
    }
    pool.withLock { $0 = watched.pool }
    // Both have found out that there is nothing to do, and none of them is woken by somebody who waits for that.
    watched.pool.waitUntilIdle()
    let other = try Sleeper(on: watched.alarm)
    watched.alarm.ring()
    let limit = Clocks.monotonic() + 10_000_000_000
    let seen = threads.wait(until: limit) { $0.turn != nil ? $0 : nil }
    #expect(seen != nil && seen?.turn == seen?.look)
    other.end()
  }

  @Test func `while all workers have work, the other thread is woken`() throws {
    let watched = try Watched(workers: 2)
    let gate = Condition((running: 0, isOpen: false))
    let members = (0..<2).map { _ in
      Member {
        gate.withLock { $0.running += 1 }
        gate.broadcast()
        gate.wait(while: { !$0.isOpen })
      }
    }
    for member in members { watched.pool.notify(member) }
    gate.wait(while: { $0.running < 2 })
    let sleeper = try Sleeper(on: watched.alarm)
    watched.alarm.ring()
    #expect(try sleeper.wake() == .rung)
    gate.withLock { $0.isOpen = true }
    gate.broadcast()
    watched.pool.waitUntilIdle()
    watched.alarm.ring()
    try watched.awaitLooks(1)
    watched.pool.stop()
  }

  @Test func `a pool stops while one is on watch`() throws {
    for _ in 0..<50 { try Watched(workers: 2).pool.stop() }
  }
}
