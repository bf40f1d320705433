import Testing

@testable import MoonwheelModel
@testable import SchedulerCore

@Suite struct DynamicJobTests {
  /// If somebody wants events about finished jobs, the core does not use its common case.
  @Test(arguments: [false, true], [0, 3 * second])
  func `the common case of a one-shot does the same as the general one`(
    isDynamic: Bool, duration: Int64
  ) throws {
    let results = [HostEvent.Interest.none, .all].map { interest in
      let harness = CoreHarness()
      harness.handle(.interest(interest, listensToRuns: false))
      harness.durations["a"] = duration
      harness.install(isDynamic ? [] : [.after("a", second), .after("b", second)])
      if isDynamic { harness.register(.after("a", second), index: 7) }
      harness.run(until: 2 * second)
      let status = harness.status("a")
      harness.run(until: 10 * second)
      let releases = harness.releases
      let after = harness.status("a")
      let again = harness.trigger("a") != nil
      harness.install([.after("a", second)])
      harness.run(until: 20 * second)
      return Result(
        starts: harness.starts, status: status, after: after, releases: releases, again: again,
        last: harness.status("a"))
    }
    #expect(results[0] == results[1])
    #expect(results[0].starts.first?.at == second)
    #expect(results[0].after?.state == (isDynamic ? nil : .finished))
    #expect(results[0].releases.count == (isDynamic ? 1 : 0))
  }

  private struct Result: Equatable {
    var starts: [CoreHarness.Start]
    var status: JobStatus?
    var after: JobStatus?
    var releases: [JobHandle]
    var again: Bool
    var last: JobStatus?
  }

  @Test func `a one-shot of a callback is released when its run has ended`() {
    let harness = CoreHarness()
    harness.durations["a"] = .max
    harness.install([])
    harness.register(.after("a", second), index: 7)
    harness.run(until: second)
    #expect(harness.starts.map(\.job) == ["a"])
    #expect(harness.releases.isEmpty)
    harness.finish("a")
    #expect(harness.releases == [JobHandle(index: 7, reuse: 0)])
    #expect(harness.reasons(.jobRemoved) == ["a: it has ended"])
    #expect(harness.status("a") == nil)
  }

  /// All ways in which a callback's job can end. The core releases it once and can use its index again.
  @Test(arguments: [
    "cancel", "cancel in a run", "return cancel", "reload", "unload", "drop", "past", "too late",
    "run",
    "paused too long", "script paused too long",
  ])
  func `a callback's job is released once`(way: String) throws {
    let harness = CoreHarness()
    harness.durations["a"] = .max
    harness.install([])
    for _ in 1...3 {
      let before = harness.releases.count
      let past = try TestJob.spec("a", "at 2020-01-01 00:00")
      switch way {
      case "past": harness.register(past, index: 0)
      case "too late":
        harness.install([])
        harness.register(.every("a", second), index: 0, generation: harness.generation - 1)
      case "run", "paused too long", "script paused too long":
        harness.register(.after("a", second), index: 0)
      default: harness.register(.every("a", second), index: 0)
      }
      switch way {
      case "cancel": harness.command("a", .cancel(by: nil))
      case "cancel in a run":
        harness.run(until: harness.now + second)
        harness.command("a", .cancel(by: nil))
        #expect(harness.releases.count == before, "not while it runs")
        harness.finish("a")
      case "return cancel":
        harness.run(until: harness.now + second)
        harness.finish("a", .cancelledJob)
      case "reload":
        harness.run(until: harness.now + second)
        harness.install([])
        harness.finish("a")
      case "drop":
        let generation = GenerationID(rawValue: harness.generation)
        harness.handle(.dropDynamic(generation, reason: "its isolate was replaced"))
      case "unload":
        harness.handle(.unload(CoreHarness.script, reason: "gone"))
        harness.install([])
      case "run":
        harness.run(until: harness.now + second)
        harness.finish("a")
      case "paused too long":
        harness.command("a", .pause(reason: nil))
        harness.run(until: harness.now + 2 * second)
        harness.command("a", .resume)
      case "script paused too long":
        harness.handle(.pauseScript(CoreHarness.script, true))
        harness.run(until: harness.now + 2 * second)
        harness.handle(.pauseScript(CoreHarness.script, false))
      default: break
      }
      #expect(harness.releases.count == before + 1)
    }
    #expect(harness.count(.jobRemoved) == (way == "too late" ? 0 : 3))
    #expect(harness.status("a") == nil)
    #expect(harness.core.jobs.count <= 1, "the index is used again")
  }

  @Test func `a job that has ended is kept until its last overlapping run ends`() {
    let harness = CoreHarness()
    harness.durations["a"] = .max
    harness.install([])
    harness.register(.every("a", second, JobPolicy(overlap: .allow)), index: 0)
    harness.run(until: 2 * second)
    harness.finish("a", .cancelledJob)
    #expect(harness.releases.isEmpty)
    harness.finish("a", .cancelledJob)
    #expect(harness.releases.count == 1)
  }

  @Test func `a registration of a replaced generation is released at once`() {
    let harness = CoreHarness()
    harness.durations["a"] = .max
    harness.install([.every("a", second)])
    harness.run(until: second)
    harness.install([.every("a", second)])
    harness.register(.after("b", second), index: 1, generation: 1)
    #expect(harness.releases.count == 1)
    #expect(harness.count(.jobAdded) == 1)
    #expect(harness.closes.isEmpty, "its run is still going")
    harness.finish("a")
    #expect(harness.closes == [1])
  }
}
