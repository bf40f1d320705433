/// Pseudorandom numbers that depend only on their seed: in triggers, and in tests that a seed repeats.
///
/// FNV-1a hashes the bytes, the finalizer of SplitMix64 mixes them (Steele, Lea and Flood, "Fast splittable
/// pseudorandom number generators", 2014). Must never change: the times of jobs with `H` depend on it.
package struct SeededRandom: Sendable {
  private var state: UInt64

  package init(_ text: String) {
    state = 0xCBF2_9CE4_8422_2325
    for byte in text.utf8 { state = (state ^ UInt64(byte)) &* 0x100_0000_01B3 }
  }

  package init(seed: UInt64) {
    state = seed
  }

  /// A number for the `index`th use of the seed.
  package func value(_ index: UInt64) -> UInt64 {
    var z = state &+ (index &+ 1) &* 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// A number below `count`, which is at least 1.
  package func value(_ index: UInt64, below count: UInt64) -> UInt64 {
    value(index).multipliedFullWidth(by: count).high
  }
}
