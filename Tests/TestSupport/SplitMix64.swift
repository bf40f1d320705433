import Triggers

/// The numbers of a ``SeededRandom`` one after the other, so that a test can be repeated with its seed.
package struct SplitMix64: RandomNumberGenerator {
  private let numbers: SeededRandom
  private var count: UInt64 = 0

  package init(seed: UInt64) { numbers = SeededRandom(seed: seed) }

  package mutating func next() -> UInt64 {
    defer { count += 1 }
    return numbers.value(count)
  }
}

extension SplitMix64 {
  /// Evenly from `0..<bound`; the bias is too small to matter in a test.
  package mutating func next(upTo bound: UInt64) -> UInt64 { next() % bound }

  package mutating func next(in range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &self)
  }

  /// True with this probability, in percent.
  package mutating func chance(_ percent: Int) -> Bool { next(in: 1...100) <= percent }

  package mutating func pick<T>(_ items: [T]) -> T { items[next(in: 0...items.count - 1)] }
}
