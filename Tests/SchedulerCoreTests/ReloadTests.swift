import Testing

@testable import MoonwheelModel
@testable import SchedulerCore

@Suite struct ReloadTests {
  @Test(arguments: [7, 8] as [UInt64])
  func `a thousand reloads lose no fire and repeat none`(seed: UInt64) {
    var driver = RandomDriver(seed: seed)
    for reload in 1...1_000 {
      driver.reload()
      for _ in 1...3 {
        driver.advance()
        driver.finishAll()
      }
      let (core, model) = driver.newLogs()
      guard core == model else {
        Issue.record("seed \(seed), reload \(reload): \(core), model \(model)")
        return
      }
    }
  }

  @Test func `an unchanged trigger keeps its next fire and its count`() {
    let harness = CoreHarness()
    harness.install([.every("a", 10 * second)])
    harness.run(until: 15 * second)
    for step in 1...100 as ClosedRange<Int64> {
      harness.run(until: 15 * second + step * 300 * millisecond)
      harness.install([.every("a", 10 * second, JobPolicy(priority: Int(step)))])
    }
    #expect(harness.starts.map(\.due) == [10, 20, 30, 40].map { $0 * second })
    #expect(harness.starts.map(\.number) == [1, 2, 3, 4])
    #expect(harness.starts.map(\.generation) == [1, 17, 50, 84])
    #expect(harness.count(.jobAdded) == 1)
    #expect(harness.count(.jobRemoved) == 0)
    #expect(harness.count(.jobChanged) == 100)
  }

  @Test func `a changed trigger starts the job over, and a new name is a new job`() {
    let harness = CoreHarness()
    harness.install([.every("a", 2 * second), .every("b", 2 * second)])
    harness.run(until: 3 * second)
    harness.install([.every("a", 3 * second), .every("c", 2 * second)])
    harness.run(until: 6 * second)
    #expect(harness.timeline("a", until: 6 * second) == "..S...S")
    #expect(harness.timeline("b", until: 6 * second) == "..S....")
    #expect(harness.timeline("c", until: 6 * second) == ".....S.")
    #expect(harness.starts.filter { $0.job == "a" }.map(\.number) == [1, 1])
    #expect(harness.reasons(.jobRemoved) == ["b: the script no longer has it"])
    #expect(harness.reasons(.jobChanged) == ["a: "])
    #expect(harness.reasons(.jobAdded) == ["a: ", "b: ", "c: "])
  }

  @Test func `a run of the old generation counts for the overlap`() {
    let harness = CoreHarness()
    harness.durations["a"] = 2_500 * millisecond
    harness.install([.every("a", second)])
    harness.run(until: 1_500 * millisecond)
    harness.install([.every("a", second)])
    harness.run(until: 4 * second)
    #expect(harness.timeline("a", until: 4 * second) == ".SxxS")
    #expect(harness.starts.map(\.generation) == [1, 2])
  }

  @Test func `a one-shot that has fired does not fire again`() {
    let harness = CoreHarness()
    harness.install([.after("a", second)])
    harness.run(until: 2 * second)
    harness.install([.after("a", second)])
    harness.run(until: 9 * second)
    #expect(harness.starts.count == 1)
  }

  @Test func `a generation closes once, after its last run`() {
    let harness = CoreHarness()
    harness.durations["a"] = .max
    harness.install([.every("a", second, JobPolicy(overlap: .allow))])
    for generation in 2...5 as ClosedRange<Int64> {
      harness.run(until: generation * second)
      harness.install([.every("a", second, JobPolicy(overlap: .allow))])
    }
    #expect(harness.closes == [])
    #expect(harness.starts.map(\.generation) == [1, 1, 2, 3, 4])
    for expected in [[], [1], [1, 2], [1, 2, 3], [1, 2, 3, 4]] as [[UInt32]] {
      harness.finish("a")
      #expect(harness.closes == expected)
    }
    harness.handle(.unload(CoreHarness.script, reason: "gone"))
    #expect(harness.closes == [1, 2, 3, 4, 5])
    harness.handle(.unload(CoreHarness.script, reason: "gone"))
    #expect(harness.closes.count == 5)
  }

  @Test func `a reload of one script does not affect another`() {
    let harness = CoreHarness()
    harness.install([.every("a", second)])
    harness.install([.every("a", 2 * second)], script: ScriptID(rawValue: 2))
    harness.install([], script: ScriptID(rawValue: 2))
    harness.run(until: 2 * second)
    #expect(harness.starts.map(\.generation) == [1, 1])
    #expect(harness.closes == [2])
  }
}
