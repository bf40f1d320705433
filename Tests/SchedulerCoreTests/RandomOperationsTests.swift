import Testing

@testable import SchedulerCore

@Suite struct RandomOperationsTests {
  @Test(
    arguments: [
      1, 2, 3, 4, 5, 6, 14_774_906_132_033_109_183, 15_990_963_370_982_390_574,
      12_759_496_304_870_317_869, 3_730_195_368_867_943_415, 4_735_654_680_070_960_845,
    ] as [UInt64])
  func `the core does what a naive model does`(seed: UInt64) { run(seed: seed, steps: 5_000) }

  @Test func `the core does what a naive model does, with a new seed`() {
    let seed = UInt64.random(in: .min ... .max)
    print("new seed of the core's random operations: \(seed)")
    run(seed: seed, steps: 5_000)
  }

  private func run(seed: UInt64, steps: Int) {
    var driver = RandomDriver(seed: seed)
    driver.reload()
    var starts = 0
    for step in 0..<steps {
      let operation = driver.step()
      let (core, model) = driver.newLogs()
      let difference = driver.difference()
      guard core == model, difference == nil else {
        Issue.record(
          "seed \(seed), step \(step), \(operation): \(core), model \(model); \(difference ?? "")")
        return
      }
      starts += core.count
    }
    #expect(starts > steps / 4, "nothing happened")
    #expect(driver.harness.closes.count == Set(driver.harness.closes).count)
  }
}
