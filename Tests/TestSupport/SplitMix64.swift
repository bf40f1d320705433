/// A small seeded generator (Steele, Lea and Flood, *Fast Splittable Pseudorandom Number Generators*, 2014).
package struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

extension SplitMix64 {
  /// Evenly from `0..<bound`; the bias is too small to matter in a test.
  package mutating func next(upTo bound: UInt64) -> UInt64 { next() % bound }

  package mutating func next(in range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &self)
  }

  /// Whether something happens that has this chance, in percent.
  package mutating func chance(_ percent: Int) -> Bool { next(in: 1...100) <= percent }

  package mutating func pick<T>(_ items: [T]) -> T { items[next(in: 0...items.count - 1)] }
}
