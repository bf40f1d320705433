import Metrics
import Synchronization
import TestSupport
import Testing
import Triggers

@testable import JobStore
@testable import MoonwheelModel

/// Commands on keys on their way to the store.
struct KeyQueueTests {
  private func entry(_ script: String, _ number: Int64 = 0, size: Int = 0) -> KeyQueue.Entry {
    let value = [UInt8](repeating: 0, count: size)
    let name = KeyName("k\(number)")
    return KeyQueue.Entry(
      item: KeyBatch.Item(
        size == 0
          ? .add(name, .integer(number), .unlimited) : .set(name, value, if: .none, .unlimited),
        script: script)
    ) { _ in }
  }

  private func numbers(_ entries: [KeyQueue.Entry], of script: String) -> [Int64] {
    entries.filter { $0.item.script == script }.compactMap { entry in
      if case .add(_, .integer(let number), _) = entry.item.command { number } else { nil }
    }
  }

  @Test func `scripts take turns, and each one's commands stay in order`() {
    var queue = KeyQueue()
    for number in 1...5_000 as ClosedRange<Int64> { queue.append(entry("flood.lua", number)) }
    for number in 1...3 as ClosedRange<Int64> { queue.append(entry("b.lua", number)) }
    let first = queue.next()
    #expect(numbers(Array(first.prefix(6)), of: "b.lua") == [1, 2, 3])
    queue.putBack(first[100...])
    var rest: [KeyQueue.Entry] = []
    while !queue.isEmpty { rest += queue.next() }
    #expect(numbers(Array(first[..<100]) + rest, of: "flood.lua") == Array(1...5_000))
  }

  @Test func `a batch has a bound in bytes`() {
    var queue = KeyQueue()
    for number in 1...200 as ClosedRange<Int64> {
      queue.append(entry("a.lua", number, size: 64 << 10))
    }
    #expect((60...70).contains(queue.next().count))
  }

  @Test func `what has not been done when the host stops is refused`() throws {
    let store = MemoryJobStore()
    _ = store.load()
    let writer = StoreWriter(
      store: store, metrics: StoreMetrics(NOOPMetricsHandler.instance), onStored: { _, _ in },
      onHealth: { _ in })
    writer.setKeyHooks(
      KeyHooks(now: { Timestamp(nanoseconds: 5) }, onOutcome: { _ in }))
    let answers = Mutex<[Result<KeyAnswer, StoreError>]>([])
    let add = KeyBatch.Item(.add(KeyName("a"), 1, .unlimited))
    try writer.start()
    writer.perform(add) { answer in answers.withLock { $0.append(answer) } }
    writer.waitUntilIdle()
    writer.stop()
    writer.perform(add) { answer in answers.withLock { $0.append(answer) } }
    let codes = answers.withLock { answers in
      answers.map { answer -> StoreError.Code? in
        if case .failure(let error) = answer { error.code } else { nil }
      }
    }
    #expect(codes == [nil, .closed])
  }

  @Test(arguments: [UInt64(1), UInt64.random(in: 2..<1_000_000_000)])
  func `a sorted list is as a sorted array`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var list = SortedList<Int>()
    var model: Set<Int> = []
    for _ in 0..<20_000 {
      let number = Int(random.next() % 3_000)
      if random.next() % 5 < 3 {
        list.insert(number)
        model.insert(number)
      } else {
        list.remove(number)
        model.remove(number)
      }
    }
    var all: [Int] = []
    list.visit {
      all.append($0)
      return true
    }
    #expect(all == model.sorted(), "seed \(seed)")
    var tail: [Int] = []
    list.visit(from: 1_500) {
      tail.append($0)
      return tail.count < 10
    }
    #expect(tail == Array(model.sorted().filter { $0 >= 1_500 }.prefix(10)), "seed \(seed)")
  }
}
