import SystemCalls
import Testing

@testable import WorkerPool

private let second: Int64 = 1_000_000_000

@Suite struct ConditionTests {
  @Test func `no count of several threads is lost`() throws {
    let count = Condition(0)
    let threads = try (0..<4).map { _ in
      try OSThread(name: "count") { for _ in 0..<10_000 { count.withLock { $0 += 1 } } }
    }
    for thread in threads { thread.join() }
    #expect(count.withLock { $0 } == 40_000)
  }

  @Test func `exactly one thread takes each item`() throws {
    let queue = Condition([Int]())
    let taken = Condition([Int]())
    let takers = try (0..<3).map { _ in
      try OSThread(name: "taker") {
        while true {
          let item = queue.wait(for: { $0.popLast() })
          if item < 0 { return }
          taken.withLock { $0.append(item) }
        }
      }
    }
    for item in 0..<1_000 {
      queue.withLock { $0.append(item) }
      queue.signal()
    }
    queue.withLock { $0.insert(contentsOf: [-1, -1, -1], at: 0) }
    queue.broadcast()
    for taker in takers { taker.join() }
    #expect(taken.withLock { $0.sorted() } == Array(0..<1_000))
  }

  @Test func `a wait lasts while its predicate holds`() throws {
    let turn = Condition(0)
    let thread = try OSThread(name: "turn") {
      turn.wait(while: { $0 != 1 })
      turn.withLock { $0 = 2 }
      turn.broadcast()
    }
    turn.withLock { $0 = 1 }
    turn.broadcast()
    turn.wait(while: { $0 != 2 })
    thread.join()
  }

  @Test(arguments: [-1, 0, 1_000_000] as [Int64])
  func `a wait ends at its deadline and not before`(ahead: Int64) {
    let never = Condition(())
    let deadline = Clocks.monotonic() + ahead
    let result = never.wait(until: deadline) { _ -> Int? in nil }
    #expect(result == nil)
    #expect(Clocks.monotonic() >= deadline)
  }

  @Test func `a deadline at or before the clock's zero has passed`() {
    #expect(Condition(()).wait(until: -second) { _ -> Int? in nil } == nil)
  }

  @Test func `a wait with a deadline takes an item that comes in time`() throws {
    let box = Condition<Int?>(nil)
    let thread = try OSThread(name: "giver") {
      box.withLock { $0 = 7 }
      box.signal()
    }
    #expect(box.wait(until: Clocks.monotonic() + 10 * second) { $0 } == 7)
    thread.join()
  }

  @Test func `an error in the body is rethrown and releases the lock`() {
    struct Refused: Error {}
    let state = Condition(1)
    #expect(throws: Refused.self) {
      try state.withLock { value throws(Refused) in
        value = 2
        throw Refused()
      }
    }
    #expect(state.withLock { $0 } == 2)
  }
}
