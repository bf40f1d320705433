import Testing
import Triggers

@testable import MoonwheelModel
@testable import SchedulerCore

/// A script that was renamed takes over what is kept of its former name.
@Suite struct TakeOverTests {
  private static let other = ScriptID(rawValue: 2)

  private let jobs = [
    TestJob.every("a", hour, JobPolicy(state: ["n": 0])), .onDemand("p"), .every("held", hour),
  ]

  /// A host on which `s1.lua` has state, a promise that waits, one that is due later, and a job that is paused.
  private func harness() -> StoreHarness {
    let harness = StoreHarness()
    harness.host.durations["a"] = .max
    harness.host.durations["p"] = .max
    harness.host.install(jobs)
    harness.host.handle(.loaded())
    harness.host.run(until: hour)
    harness.host.finish("a", details: RunEndDetails(state: ["n": 500]))
    harness.host.command("p", .enqueue("later", at: .after(hour)))
    harness.host.command("held", .pause(reason: "closed"))
    return harness
  }

  private func rename(_ harness: StoreHarness, _ formerly: [String], _ jobs: [TestJob]) {
    harness.host.install(jobs, script: Self.other, formerly: formerly)
  }

  private func check(_ harness: StoreHarness) throws {
    let found = harness.host.core.index(named: "a", of: Self.other)
    let index = try #require(found)
    let state = harness.host.core.jobs[index].extras?.state
    #expect(state == ["n": 500])
    let runs = harness.host.core.jobs[index].runs
    #expect(runs == 1)
    let foundHeld = harness.host.core.index(named: "held", of: Self.other)
    let held = try #require(foundHeld)
    let status = harness.host.core.status(of: held)
    #expect(status.state == .paused && status.reason == "closed")
    #expect(try harness.store.jobs(script: "s1.lua", name: nil).isEmpty)
    #expect(try harness.store.jobs(script: "s2.lua", name: nil).count == 3)
    #expect(try harness.store.runs(RunQuery(script: "s2.lua", name: "a")).count == 1)
    let before = harness.host.starts.count { $0.job == "p" }
    harness.host.run(until: harness.host.now + 2 * hour)
    let promises = harness.host.starts.filter { $0.job == "p" }.dropFirst(before)
    #expect(promises.map(\.payload) == ["later"])
    harness.host.finish("p")
    #expect(try harness.pendingRuns("p").isEmpty)
  }

  @Test func `live: the file is renamed`() throws {
    let harness = harness()
    harness.host.handle(.unload(CoreHarness.script, reason: "gone"))
    rename(harness, ["s1.lua"], jobs)
    try check(harness)
  }

  @Test func `live: the new script is told of its former name only later`() throws {
    let harness = harness()
    harness.host.handle(.unload(CoreHarness.script, reason: "gone"))
    rename(harness, [], jobs)
    #expect(try harness.store.jobs(script: nil, name: nil).count == 6)
    rename(harness, ["s1.lua"], jobs)
    try check(harness)
  }

  @Test func `at a restart`() throws {
    let harness = harness()
    harness.restart(after: second)
    rename(harness, ["none.lua", "s1.lua"], jobs)
    harness.host.handle(.loaded())
    try check(harness)
  }

  @Test func `at a restart, although the new script has run before`() throws {
    let harness = harness()
    harness.host.handle(.unload(CoreHarness.script, reason: "gone"))
    rename(harness, [], jobs)
    harness.restart(after: second)
    rename(harness, ["s1.lua"], jobs)
    harness.host.handle(.loaded())
    try check(harness)
  }

  @Test func `it happens once, and survives the next restart`() throws {
    let harness = harness()
    harness.host.handle(.unload(CoreHarness.script, reason: "gone"))
    rename(harness, ["s1.lua"], jobs)
    rename(harness, ["s1.lua"], jobs)
    harness.restart(after: second)
    rename(harness, ["s1.lua"], jobs)
    try check(harness)
  }

  @Test func `nothing is taken from a script that is loaded`() throws {
    let harness = harness()
    rename(harness, ["s1.lua"], jobs)
    #expect(try harness.store.jobs(script: "s1.lua", name: nil).count == 3)
    let found = harness.host.core.index(named: "a", of: Self.other)
    let index = try #require(found)
    let state = harness.host.core.jobs[index].extras?.state
    #expect(state == ["n": 0])
  }

  @Test func `what is kept of a script that is gone is told, live and at each start`() {
    let harness = harness()
    let kept = KeptJobs(script: "s1.lua", jobs: 3, states: 1, held: 1, promises: 1)
    harness.host.handle(.unload(CoreHarness.script, reason: "gone"))
    #expect(harness.host.kept == [kept])
    harness.restart(after: second)
    harness.host.install([])
    harness.host.install([.every("x", hour)], script: Self.other)
    harness.host.handle(.unload(CoreHarness.script, reason: "gone"))
    harness.host.kept = []
    harness.host.handle(.loaded())
    #expect(harness.host.kept == [kept])
  }
}
