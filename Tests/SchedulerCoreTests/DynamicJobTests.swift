import Testing

@testable import SchedulerCore

@testable import MoonwheelModel

@Suite struct DynamicJobTests {
  /// Who wants to hear of the end of a job has it go the long way.
  @Test(arguments: [false, true], [0, 3 * second])
  func `a one-shot does the same on the short way as on the long`(
    isDynamic: Bool, duration: Int64
  ) throws {
    let told = [HostEvent.Interest.none, .all].map { interest in
      let harness = CoreHarness()
      harness.core.interest = interest
      harness.durations["a"] = duration
      harness.install(isDynamic ? [] : [.after("a", second), .after("b", second)])
      if isDynamic { harness.register(.after("a", second), ordinal: 7) }
      harness.run(until: 2 * second)
      let status = harness.status("a")
      harness.run(until: 10 * second)
      let releases = harness.releases
      let after = harness.status("a")
      let again = harness.trigger("a") != nil
      harness.install([.after("a", second)])
      harness.run(until: 20 * second)
      return Told(
        starts: harness.starts, status: status, after: after, releases: releases, again: again,
        last: harness.status("a"))
    }
    #expect(told[0] == told[1])
    #expect(told[0].starts.first?.at == second)
    #expect(told[0].after?.state == (isDynamic ? nil : .finished))
    #expect(told[0].releases.count == (isDynamic ? 1 : 0))
  }

  private struct Told: Equatable {
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
    harness.register(.after("a", second), ordinal: 7)
    harness.run(until: second)
    #expect(harness.starts.map(\.job) == ["a"])
    #expect(harness.releases.isEmpty)
    harness.finish("a")
    #expect(harness.releases == [JobHandle(ordinal: 7, reuse: 0)])
    #expect(harness.reasons(.jobRemoved) == ["a: it has ended"])
    #expect(harness.status("a") == nil)
  }

  /// Each way in which one can end: it is released once, and its place can be used again.
  @Test(arguments: [
    "cancel", "cancel in a run", "return cancel", "reload", "unload", "drop", "past", "too late",
    "run",
    "paused too long", "script paused too long",
  ])
  func `each is released once`(way: String) throws {
    let harness = CoreHarness()
    harness.durations["a"] = .max
    harness.install([])
    for _ in 1...3 {
      let before = harness.releases.count
      let past = try TestJob.spec("a", "at 2020-01-01 00:00")
      switch way {
      case "past": harness.register(past, ordinal: 0)
      case "too late":
        harness.install([])
        harness.register(.every("a", second), ordinal: 0, generation: harness.generation - 1)
      case "run", "paused too long", "script paused too long":
        harness.register(.after("a", second), ordinal: 0)
      default: harness.register(.every("a", second), ordinal: 0)
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
        harness.handle(.dropDynamic(generation, reason: "its isolate was made anew"))
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
    #expect(harness.core.jobs.count <= 1, "places are used again")
  }

  @Test func `an overlapping run of one that has ended keeps it`() {
    let harness = CoreHarness()
    harness.durations["a"] = .max
    harness.install([])
    harness.register(.every("a", second, JobPolicy(overlap: .allow)), ordinal: 0)
    harness.run(until: 2 * second)
    harness.finish("a", .cancelledJob)
    #expect(harness.releases.isEmpty)
    harness.finish("a", .cancelledJob)
    #expect(harness.releases.count == 1)
  }

  @Test func `a registration of a generation that was replaced is released at once`() {
    let harness = CoreHarness()
    harness.durations["a"] = .max
    harness.install([.every("a", second)])
    harness.run(until: second)
    harness.install([.every("a", second)])
    harness.register(.after("b", second), ordinal: 1, generation: 1)
    #expect(harness.releases.count == 1)
    #expect(harness.count(.jobAdded) == 1)
    #expect(harness.closes.isEmpty, "its run is still going")
    harness.finish("a")
    #expect(harness.closes == [1])
  }
}
