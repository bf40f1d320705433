import JobStore
import MoonwheelModel
import Triggers

/// Random commands on few keys, at times that advance slowly.
struct KeyStory {
  private let random: SeededRandom
  private var count: UInt64 = 0
  private var now: Int64 = 0

  init(seed: UInt64) { random = SeededRandom(seed: seed) }

  private mutating func next(below bound: UInt64) -> UInt64 {
    defer { count += 1 }
    return random.value(count, below: bound)
  }

  mutating func chance(_ n: UInt64) -> Bool { next(below: n) == 0 }

  private mutating func pick<Item>(_ items: [Item]) -> Item {
    items[Int(next(below: UInt64(items.count)))]
  }

  mutating func batch() -> KeyBatch {
    now += Int64(next(below: 3))
    var limits = KeyLimits()
    limits.keys = (shared: 5, own: 2)
    limits.bytes = (shared: 60, own: 30)
    let items = (0..<next(below: 8) + 1).map { _ in
      KeyBatch.Item(
        command(), script: pick(["x.lua", "y.lua"]), depth: UInt8(next(below: 3)))
    }
    return KeyBatch(items, at: second(0).advanced(by: now), limits: limits)
  }

  private mutating func command() -> KeyCommand {
    switch next(below: 13) {
    case 0, 1, 2: .get(name())
    case 3, 4, 5: .set(name(), value(), if: condition(), lifetime())
    case 6, 7: .add(name(), pick([1, -1, 0.5]), lifetime())
    case 8, 9: .delete(name(), if: condition())
    case 10: .list(page())
    case 11: .adopt(from: pick(["x.lua", "y.lua"]))
    default: .sweep
    }
  }

  private mutating func name() -> KeyName {
    KeyName(
      pick(["a", "a.b", "\u{e9}", "e\u{301}", "self.a", "self.b", "c"]),
      of: pick(["x.lua", "y.lua"]))
  }

  private mutating func value() -> [UInt8] {
    pick([Value.integer(3), .string("text"), .bytes([0, 255, 1, 2, 3, 4, 5, 6]), .bool(true)])
      .encoded
  }

  private mutating func condition() -> KeyCondition {
    switch next(below: 5) {
    case 0: .absent
    case 1: .version(Int64(next(below: 40)))
    default: .none
    }
  }

  private mutating func lifetime() -> KeyLifetime {
    switch next(below: 4) {
    case 0: .unlimited
    case 1: .unchanged
    default: .nanoseconds(Int64(next(below: 9)) + 1)
    }
  }

  private mutating func page() -> KeyPage {
    KeyPage(
      space: pick(["", "x.lua"]), prefix: pick(["", "a", "self."]),
      after: chance(2) ? pick(["a", "b", "self.a"]) : nil, limit: Int(next(below: 4)),
      bytes: pick([0, 20, 1_000]))
  }
}
