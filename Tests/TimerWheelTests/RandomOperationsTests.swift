import TestSupport
import Testing

@testable import TimerWheel

@Suite struct RandomOperationsTests {
  static let operations = 250_000

  /// Four fixed seeds make a million operations.
  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func `the wheel does what a sorted array does`(seed: UInt64) {
    run(seed: seed, operations: Self.operations)
  }

  @Test func `the wheel does what a sorted array does, with a fresh seed`() {
    let seed = UInt64.random(in: .min ... .max)
    print("fresh seed of the wheel's random operations: \(seed)")
    run(seed: seed, operations: Self.operations / 4)
  }

  private func run(seed: UInt64, operations: Int) {
    var random = SplitMix64(seed: seed)
    let perWheel = 10_000
    for _ in 0..<(operations / perWheel) {
      // Any start, with as many small as large ones.
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
