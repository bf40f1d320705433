import Layers
import Moonwheel
import MoonwheelTesting
import SQLiteJobStore
import TestSupport
import Testing

/// What a program can ask and tell a running scheduler.
@Suite(.timeLimit(.minutes(1))) struct JobTests {
  private static let scripts: KeyValuePairs<String, String> = [
    "a.lua": """
    every('1m', { name = 'tick', tags = { 'often' } }, function() end)
    job('add', { run = function(run) return run.args.a + run.args.b end })
    job('slow', { run = function() sleep('1h') end })
    job('bad', { retry = { max = 2, from = '10s' }, run = function() error('no') end })
    job('both', { run = function() return 'a' end })
    """,
    "b.lua": "job('both', { run = function() return 'b' end })",
  ]

  private func withHost(
    _ scripts: KeyValuePairs<String, String> = scripts,
    _ body: (TestScheduler) async throws -> Void
  ) async throws {
    let host = try TestScheduler(scripts)
    do { try await body(host) } catch {
      await host.stop()
      throw error
    }
    await host.stop()
  }

  @Test func `jobs are listed by script`() async throws {
    try await withHost { host in
      let jobs = try await host.scheduler.jobs
      #expect(
        jobs.map { "\($0.script) \($0.name)" } == [
          "a.lua tick", "a.lua add", "a.lua slow", "a.lua bad", "a.lua both", "b.lua both",
        ])
      let tick = try #require(jobs.first)
      #expect(
        tick.trigger == "every 1m" && tick.words == "every 1 minute" && tick.tags == ["often"])
      #expect(tick.state == .active && tick.runCount == 0 && tick.lastStart == nil)
      #expect(tick.nextFire == host.clock.read().wall + .seconds(60))
      host.advance(by: .seconds(60))
      let later = try await host.scheduler.job("tick")
      #expect(later.runCount == 1 && later.lastStart == tick.nextFire)
    }
  }

  @Test func `a job that is not there is named with what is`() async throws {
    try await withHost { host in
      await #expect {
        try await host.scheduler.job("both")
      } throws: {
        "\($0)" == "several scripts have a job \"both\": a.lua, b.lua; name one: job(_:of:)"
      }
      let both = try await host.scheduler.job("both", of: "b.lua")
      #expect(both.script == "b.lua")
      await #expect {
        try await host.scheduler.job("none")
      } throws: {
        ($0 as? JobError)?.code == .unknown && "\($0)" == "no job \"none\" in a.lua, b.lua"
      }
      await #expect {
        try await host.scheduler.job("tick", of: "c.lua")
      } throws: { "\($0)".hasPrefix("no script \"c.lua\" is served") }
    }
  }

  @Test func `a triggered run gives its result`() async throws {
    try await withHost { host in
      let add = try await host.scheduler.job("add")
      let run = try await add.trigger(["a": 2, "b": 3])
      #expect(try await run.result() == 5)
      #expect(try await run.outcome() == .succeeded(5))
      let past = try await add.runs()
      #expect(past.map(\.id) == [run.id] && past.first?.result == 5 && past.first?.attempt == 1)
      let wrong = try await add.trigger(["a": 2])
      await #expect {
        try await wrong.result()
      } throws: { ($0 as? RunFailure)?.message.contains("a.lua:2") == true }
    }
  }

  @Test func `a run that is tried again ends with its last attempt`() async throws {
    try await withHost { host in
      let bad = try await host.scheduler.job("bad")
      let run = try await bad.trigger()
      async let outcome = run.outcome()
      host.advance(by: .seconds(120))
      guard case .failed(let failure) = try await outcome else {
        Issue.record("it did not fail")
        return
      }
      #expect(failure.message == "a.lua:4: no")
      #expect(try await bad.runs().map(\.attempt) == [3, 2, 1])
      #expect(try await bad.runs([.succeeded]).isEmpty)
    }
  }

  @Test func `a run starts later`() async throws {
    try await withHost { host in
      let add = try await host.scheduler.job("add")
      let first = try await add.trigger(["a": 1, "b": 1], after: .seconds(30))
      let second = try await add.trigger(
        ["a": 1, "b": 2], at: host.clock.read().wall + .seconds(60))
      host.advance(by: .seconds(29))
      #expect(try await host.scheduler.job("add").runCount == 0)
      host.advance(by: .seconds(2))
      #expect(try await first.result() == 2)
      host.advance(by: .seconds(30))
      #expect(try await second.result() == 3)
    }
  }

  @Test func `one run is cancelled, under way and before its start`() async throws {
    try await withHost { host in
      let slow = try await host.scheduler.job("slow")
      let first = try await slow.trigger()
      let second = try await slow.trigger()  // waits for the first one
      let later = try await slow.trigger(after: .seconds(3_600))
      try await later.cancel(reason: "no more")
      guard case .cancelled(let failure) = try await later.outcome() else {
        Issue.record("it was not cancelled")
        return
      }
      #expect(failure.message == "cancelled: no more")
      try await first.cancel(reason: "enough")
      guard case .cancelled(let failure) = try await first.outcome() else {
        Issue.record("it was not cancelled")
        return
      }
      #expect(failure.message.contains("enough"))
      host.scheduler.waitUntilIdle()
      #expect(try await host.scheduler.job("slow").runningCount == 1)  // the second one
      try await second.cancel()
      #expect(try await second.outcome().failure != nil)
      try await first.cancel()  // it has ended: no effect
      #expect(try await host.scheduler.job("slow").state == .active)
    }
  }

  @Test func `a job is paused, resumed and cancelled with a reason`() async throws {
    try await withHost { host in
      let tick = try await host.scheduler.job("tick")
      try await tick.pause(reason: "maintenance")
      host.advance(by: .seconds(120))
      let paused = try await host.scheduler.job("tick")
      #expect(paused.state == .paused && paused.reason == "maintenance" && paused.runCount == 0)
      try await tick.resume()
      host.advance(by: .seconds(60))
      #expect(try await host.scheduler.job("tick").state == .active)
      try await tick.cancel(reason: "no more")
      let cancelled = try await host.scheduler.job("tick")
      #expect(cancelled.state == .cancelled && cancelled.reason == "no more")
      await #expect {
        try await tick.trigger()
      } throws: { ($0 as? JobError)?.code == .cancelled }
    }
  }

  @Test func `a cancelled job ends its runs and promises`() async throws {
    try await withHost { host in
      let slow = try await host.scheduler.job("slow")
      let runs = [try await slow.trigger(), try await slow.trigger(after: .seconds(60))]
      try await slow.cancel(reason: "over")
      for run in runs { #expect(try await run.outcome().failure != nil) }
    }
  }

  @Test func `the outcome of each fire is explained`() async throws {
    try await withHost([
      "a.lua": "every('10s', { name = 'long', overlap = 'skip' }, function() sleep('25s') end)"
    ]) { host in
      host.advance(by: .seconds(45))
      let why = try await host.scheduler.job("long").why()
      #expect(why.map(\.kind) == [.ran(.succeeded), .skipped, .ran(.running)])
      #expect(why[1].count == 2 && why[1].reason == "the previous run is still going", "\(why[1])")
      let none = try await host.scheduler.job("long").why(around: host.clock.read().wall)
      #expect(none.contains { $0.kind == .unrecorded && $0.reason == "not yet" })
    }
  }

  @Test func `a reload tells which scripts do not load`() async throws {
    let folder = try TemporaryFolder()
    try folder.write("a.lua", "every('1m', { name = 'a' }, function() end)")
    var configuration = Configuration(paths: [folder.path])
    configuration.watches = false
    let scheduler = try Scheduler(
      configuration, store: .sqlite(folder.path("store/jobs.db")), logger: LogRecorder().logger)
    try scheduler.start()
    #expect(try await scheduler.jobs.map(\.name) == ["a"])
    try folder.write("a.lua", "every('1m', { name = 'a' } function() end)")
    try folder.write("b.lua", "every('1m', { name = 'b' }, function() end)")
    let errors = try await scheduler.reload()
    #expect(errors.map(\.script) == ["a.lua"] && errors.first?.code == .syntax)
    #expect(try await scheduler.jobs.map(\.name) == ["a", "b"])
    try await scheduler.job("a").pause(reason: "kept")
    await scheduler.stop()
    await #expect { try await scheduler.jobs } throws: {
      ($0 as? JobError)?.code == .notRunning
    }
    let next = try Scheduler(
      configuration, store: .sqlite(folder.path("store/jobs.db")), logger: LogRecorder().logger)
    try next.start()
    let jobs = try await next.jobs  // of a.lua the last good version
    #expect(jobs.map(\.name) == ["a", "b"] && jobs[0].state == .paused && jobs[0].reason == "kept")
    await next.stop()
  }

  @Test func `a scheduler runs once, and who asks before its start waits`() async throws {
    var configuration = Configuration()
    configuration.texts = [(name: "a.lua", source: "every('1h', { name = 'a' }, function() end)")]
    let scheduler = try Scheduler(configuration, logger: LogRecorder().logger)
    let jobs = Task { try await scheduler.jobs.map(\.name) }
    try await Task.sleep(for: .milliseconds(20))
    try scheduler.start()
    let names = try await jobs.value
    #expect(names == ["a"])
    #expect { try scheduler.start() } throws: { ($0 as? JobError)?.code == .notRunning }
    await scheduler.stop()
    #expect { try scheduler.start() } throws: { ($0 as? JobError)?.code == .notRunning }
    await #expect { try await scheduler.run() } throws: { ($0 as? JobError)?.code == .notRunning }
  }

  @Test func `an unknown zone is an error that a program can catch`() {
    var configuration = Configuration()
    configuration.timeZone = "Europe/Berln"
    #expect {
      try Scheduler(configuration)
    } throws: { ($0 as? ScriptError)?.code == .unknown && "\($0)".contains("Europe/Berlin") }
  }

  @Test func `what is too large for a message is refused`() async throws {
    try await withHost { host in
      let large = Value.string(String(repeating: "x", count: 2 << 20))
      #expect { try host.scheduler.emit("x", large) } throws: {
        ($0 as? EmitError)?.code == .tooLarge
      }
      let add = try await host.scheduler.job("add")
      await #expect { try await add.trigger(large) } throws: {
        ($0 as? JobError)?.code == .tooLarge
      }
      try host.scheduler.emit("x", .string(String(repeating: "x", count: 1_000_000)))
    }
  }

  @Test func `a scheduler that stops refuses`() async throws {
    let idle = try Scheduler(Configuration(), logger: LogRecorder().logger)
    let asked = Task { try await idle.jobs }
    try await Task.sleep(for: .milliseconds(20))
    await idle.stop()
    await #expect { try await asked.value } throws: { ($0 as? JobError)?.code == .notRunning }
    let host = try TestScheduler(Self.scripts)
    let slow = try await host.scheduler.job("slow")
    let later = try await slow.trigger(after: .seconds(60))
    let outcome = Task { try await later.outcome() }
    await host.stop()
    await #expect { try await outcome.value } throws: { ($0 as? JobError)?.code == .notRunning }
    await #expect { try await slow.trigger() } throws: { ($0 as? JobError)?.code == .notRunning }
    await #expect { try await slow.runs() } throws: { ($0 as? JobError)?.code == .notRunning }
  }

  /// The real clock, a store on the disk, and nothing that happens by itself: each answer must come by its own.
  @Test func `on a quiet host each answer comes at once`() async throws {
    let folder = try TemporaryFolder()
    try folder.write(
      "a.lua",
      """
      every("1h", { name = "hourly" }, function() return 7 end)
      job("slow", { run = function() sleep("1h") end })
      """)
    let scheduler = try Scheduler(
      Configuration(paths: [folder.path]), store: .sqlite(folder.path("store/jobs.db")),
      logger: LogRecorder().logger)
    try scheduler.start()
    let clock = ContinuousClock()
    var waits: [(String, Duration)] = []
    func timed<Answer>(_ what: String, _ ask: () async throws -> Answer) async rethrows -> Answer {
      let begun = clock.now
      defer { waits.append((what, clock.now - begun)) }
      return try await ask()
    }
    let hourly = try await scheduler.job("hourly")
    let slow = try await scheduler.job("slow")
    try await Task.sleep(for: .milliseconds(300))  // all is quiet now
    let run = try await timed("trigger") { try await hourly.trigger() }
    #expect(try await timed("result") { try await run.result() } == 7)
    #expect(try await timed("runs") { try await hourly.runs() }.map(\.id) == [run.id])
    #expect(try await timed("why") { try await hourly.why() }.map(\.kind) == [.ran(.succeeded)])
    let long = try await slow.trigger()
    try await Task.sleep(for: .milliseconds(300))
    try await timed("cancel a run") { try await long.cancel() }
    #expect(try await timed("its end") { try await long.outcome() }.failure != nil)
    try await timed("pause") { try await hourly.pause(reason: "quiet") }
    let jobs = try await timed("list") { try await scheduler.jobs }
    #expect(jobs.map(\.state) == [.paused, .active])
    #expect(try await timed("reload") { try await scheduler.reload() }.isEmpty)
    print("  " + waits.map { "\($0.0) \($0.1)" }.joined(separator: ", "))
    #expect(waits.allSatisfy { $0.1 < .seconds(2) }, "\(waits)")
    await scheduler.stop()
  }

  @Test func `who waits can be cancelled, and the run goes on`() async throws {
    try await withHost { host in
      let run = try await host.scheduler.job("slow").trigger()
      let waiting = Task { try await run.outcome() }
      waiting.cancel()
      await #expect(throws: CancellationError.self) { try await waiting.value }
      #expect(try await host.scheduler.job("slow").runningCount == 1)
    }
  }
}
