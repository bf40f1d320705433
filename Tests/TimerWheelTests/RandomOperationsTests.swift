import TestSupport
import Testing

@testable import TimerWheel

@Suite struct RandomOperationsTests {
  static let operations = 250_000

  /// Four fixed seeds of a quarter of a million operations each.
  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func `the wheel agrees with a sorted array`(seed: UInt64) {
    run(seed: seed, operations: Self.operations)
  }

  @Test func `the wheel agrees with a sorted array for a new seed`() {
    let seed = UInt64.random(in: .min ... .max)
    print("new seed of the wheel's random operations: \(seed)")
    run(seed: seed, operations: Self.operations / 4)
  }

  private func run(seed: UInt64, operations: Int) {
    var random = SplitMix64(seed: seed)
    let perWheel = 10_000
    for _ in 0..<(operations / perWheel) {
      // Starts of all magnitudes are equally likely.
      let start = random.next() >> random.next(upTo: 64)
      var driver = RandomDriver(start: start, random: SplitMix64(seed: random.next()))
      for step in 0..<perWheel {
        guard driver.step() else {
          Issue.record("seed \(seed), start \(start), step \(step): \(driver.failure)")
          return
        }
        if step % 2500 == 2499 { driver.wheel.checkInvariants() }
      }
    }
  }
}
