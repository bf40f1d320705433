import JobStore
import Layers
import MoonwheelModel
import MoonwheelTesting
import Synchronization
import SystemCalls
import Testing
import WorkerPool

@testable import Moonwheel
@testable import SchedulerEngine
@testable import ScriptHost

/// The reports of ended runs.
@Suite struct RunReportTests {
  private func job(_ body: String, _ options: String = "") -> String {
    "job('j', { \(options) run = function(run) \(body) end })"
  }

  @Test func `a successful run without log lines has no details`() throws {
    let report = try SingleScript(job("return 1")).run("j")
    #expect(report.result == 1)
    #expect(report.details == nil)
  }

  @Test func `a report has the start and the time on a worker`() throws {
    let single = try SingleScript(job("for i = 1, 3000000 do end"))
    let before = Clocks.monotonic()
    let report = try single.run("j")
    let wall = Clocks.monotonic() - before
    #expect(report.startedAt == single.clock.read().elapsed)
    #expect(report.processorTime > 1_000_000 && report.processorTime <= wall)
  }

  /// On a clock that stands still, too.
  @Test func `handlers that run one after the other have no time on a worker twice`() async throws {
    let script = """
      on("x", { name = "h" }, function() for i = 1, 1000 do end end)
      after("1s", function() for i = 1, 500 do emit("x") end end)
      """
    var configuration = Configuration()
    configuration.texts = [(name: "a.lua", source: script)]
    let clock = ManualClock(wall: Timestamp(seconds: 1_767_225_600))
    let times = Mutex<[Int64]>([])
    let scheduler = try Scheduler(
      configuration, store: MemoryJobStore(), logger: LogRecorder().logger, clock: clock,
      onReport: { end in times.withLock { $0.append(end.processorTime) } })
    try scheduler.start()
    scheduler.waitUntilLoaded()
    let before = Clocks.monotonic()
    clock.advance(by: 1, of: scheduler)
    let wall = Clocks.monotonic() - before
    await scheduler.stop()
    let all = times.withLock { $0 }
    #expect(all.count == 501)
    #expect(all.reduce(0, +) <= wall, "on one worker")
  }

  /// A new state wakes the timekeeper at once, since it must be stored before the job is due again.
  @Test(arguments: [("run.state.n = run.state.n + 1", true), ("print(run.state.n)", false)])
  func `a changed state is reported at once`(body: String, isAwaited: Bool) throws {
    let single = try SingleScript(job(body, "state = { n = 0 },"))
    let inbox = single.environment.inbox
    _ = inbox.alarm.sleep(until: 0)
    #expect(inbox.rest(until: single.clock.elapsed + 5_000_000, wantsReports: false))
    _ = try single.run("j", .none, Dispatch.Extras(payload: .none, state: ["n": 0]))
    single.environment.pool.waitUntilIdle()
    #expect(inbox.alarm.sleep(until: 0).contains(.wakeThis) == isAwaited)
  }

  // MARK: The log

  @Test func `log lines keep their level and fields`() throws {
    let single = try SingleScript(job("print('a', 1) log.warn('b', { n = 2 }) log.debug('c')"))
    let details = try #require(try single.run("j").details?.content)
    #expect(details.log.map(\.message) == ["a\t1", "b", "c"])
    #expect(details.log.map(\.level) == ["info", "warn", "debug"])
    #expect(details.log.map(\.fields) == [nil, ["n": 2], nil])
    #expect(details.log[0].at == single.clock.read().wall)
    #expect(details.omittedLines == 0)
    #expect(details.peakMemory > 10_000)
  }

  @Test func `the first and the last of many lines stay, and the others are counted`() throws {
    let report = try SingleScript(job("for i = 1, 1000 do print(i) end")).run("j")
    let details = try #require(report.details?.content)
    let kept = details.log.map(\.message)
    #expect(kept == (1...50).map { "\($0)" } + (951...1000).map { "\($0)" })
    #expect(details.omittedLines == 900)
  }

  @Test func `long lines are shortened, and the whole log is bounded`() throws {
    let script = job(
      "for i = 1, 90 do print(i, ('x'):rep(1000)) end print(('y'):rep(100000)) log.info('z', { big = ('z'):rep(10000) })"
    )
    let details = try #require(try SingleScript(script).run("j").details?.content)
    let sizes = details.log.map { $0.message.utf8.count }
    #expect(sizes.reduce(0, +) <= 16 << 10)
    #expect(sizes.allSatisfy { $0 < 5_000 })
    #expect(details.log.first?.message.hasPrefix("1\t") == true)
    #expect(details.log.last?.message == "z")
    #expect(details.log.last?.fields == "(too large)")
    #expect(details.log.count + details.omittedLines == 92)
  }

  @Test func `a failed run has its log lines and its peak memory`() throws {
    let report = try SingleScript(job("print('before') local s = ('x'):rep(1000000) error('no')"))
      .run("j")
    let details = try #require(report.details?.content)
    #expect(details.log.map(\.message) == ["before"])
    #expect(details.peakMemory > 1_000_000)
  }

  // MARK: Errors

  @Test func `an error table becomes data, and can refuse a retry`() throws {
    let single = try SingleScript(
      job("error { code = 'E1', retry = run.args }", "retry = 3,"))
    for (retry, refuses) in [(Value.bool(false), true), (.bool(true), false), (.nil, false)] {
      let report = try single.run("j", .arguments(retry))
      #expect(report.failure?.data["code"] == "E1")
      #expect(report.details?.content.refusesRetry == refuses)
    }
    #expect(try single.run("j").failure?.message == #"{ code = "E1" }"#)
  }

  @Test(arguments: [
    ("HTTP 404", true), ("HTTP 503", false), ("{ message = 'HTTP 410' }", true),
  ])
  func `unless is matched with the message`(error: String, refuses: Bool) throws {
    let raised = error.hasPrefix("{") ? error : "'\(error)'"
    let single = try SingleScript(
      job("error(\(raised))", "retry = { max = 3, unless = 'HTTP 4%d%d$' },"))
    let report = try single.run("j")
    #expect(report.details?.content.refusesRetry == refuses)
  }

  @Test(arguments: [
    "string.find = nil", "string.find = function() error('x') end",
    "string.find = function() coroutine.yield() end",
    "string.find = function() sleep(1) return 1 end",
    "string.find = function() while true do end end",
    "string.find = function() while true do pcall(function() while true do end end) end end",
  ])
  func `a script that replaces string.find affects only its own unless`(breaking: String) throws {
    let single = try SingleScript(
      breaking + "\n" + job("error('bad')", "retry = { max = 3, unless = 'bad' },"))
    for _ in 1...2 {
      let report = try single.run("j")
      #expect(report.failure?.message == "a.lua:2: bad")
      #expect(report.details?.content.refusesRetry == false)
    }
  }

  @Test func `an unless that takes for ever is evicted, and the script continues`()
    throws
  {
    let single = try SingleScript(
      job(
        "error(('a'):rep(40))",
        "retry = { max = 3, unless = ('a-'):rep(30) .. 'b' },")
        + "\nlocal n = 0\njob('other', { run = function() n = n + 1 return n end })")
    #expect(try single.run("other").result == 1)
    let report = try single.run("j")
    #expect(report.failure?.message.hasSuffix(String(repeating: "a", count: 40)) == true)
    #expect(try single.run("other").result == 1, "its isolate was created again")
  }

  @Test(arguments: [
    ("run:retry('1m')", 60_000_000_000), ("pcall(run.retry, run, 5)", 5_000_000_000),
    ("run:retry()", nil),
  ])
  func `a run that asks for a retry ends there`(call: String, after: Int64?) throws {
    let single = try SingleScript(job("\(call) print('continued')", "retry = 2,"))
    let report = try single.run("j")
    let details = try #require(report.details?.content)
    #expect(details.retryAfter == after)
    #expect(details.log.isEmpty)
    let failure = try #require(report.failure)
    #expect(failure.message.hasPrefix("a.lua: job \"j\" asked to be tried again"))
    #expect(failure.traceback.contains("a.lua:1"))
    guard case .failed = report.outcome else {
      Issue.record("\(report.outcome)")
      return
    }
  }

  @Test func `run:retry without a delay needs a policy`() throws {
    let report = try SingleScript(job("run:retry()")).run("j")
    #expect(
      report.failure?.message
        == "a.lua:1: run:retry needs a delay, as in run:retry(\"1m\"), where the job has no option retry"
    )
    #expect(report.details?.content.retryAfter == nil)
  }

  // MARK: State

  @Test func `only a changed state is reported`() throws {
    let single = try SingleScript(
      job("run.state.n = run.state.n + run.args", "name = 'j', state = { n = 0 },"))
    #expect(try single.policy("j").state == ["n": 0])
    let changed = try single.run(
      "j", .arguments(2), Dispatch.Extras(state: ["n": 5, "list": [1, 2]]))
    #expect(changed.details?.content.state == ["n": 7, "list": [1, 2]])
    let same = try single.run("j", .arguments(0), Dispatch.Extras(state: ["n": 5]))
    #expect(same.details == nil)
    let failed = try single.run("j", .none, Dispatch.Extras(state: ["n": 5]))
    #expect(failed.failure != nil && failed.details?.content.state == nil)
  }

  // MARK: when, hooks, grace

  @Test func `a run whose when returns false is declined`() throws {
    let single = try SingleScript(job("return 'ran'", "when = function(run) return run.args end,"))
    #expect(try single.run("j", .arguments(true)).result == "ran")
    guard case .declined = try single.run("j", .arguments(false)).outcome else {
      Issue.record("not declined")
      return
    }
  }

  @Test func `when and hooks in defaults apply to the jobs after them`() throws {
    let single = try SingleScript(
      """
      defaults { when = function(run) return run.args end, on_failure = print }
      \(job("return 'ran'"))
      job('free', { when = false, on_failure = false, run = function() return 'free' end })
      """)
    #expect(try single.policy("j").hooks == .failure)
    #expect(try single.policy("free").hooks == [])
    #expect(try single.run("j", .arguments(true)).result == "ran")
    #expect(try single.run("free").result == "free")
    guard case .declined = try single.run("j", .arguments(false)).outcome else {
      Issue.record("not declined")
      return
    }
  }

  @Test func `a hook gets the run and its value`() throws {
    let single = try SingleScript(
      job(
        "return 'not called'",
        """
        on_success = function(run, result) return { 'success', run.n, result } end,
        on_failure = function(run, e) return { 'failure', run.job.name, e.message, e.data.code } end,
        on_retry = function(run, e) return { 'retry', e.delay } end,
        on_missed = function(run, missed) return { 'missed', missed.count, missed.reason } end,
        """))
    #expect(try single.policy("j").hooks == [.success, .failure, .retry, .missed])
    func hook(_ which: Hooks, _ value: Value) throws -> Value? {
      try single.run(
        "j", .arguments(1), Dispatch.Extras(hook: Dispatch.Extras.Hook(which, value))
      ).result
    }
    #expect(try hook(.success, "result") == ["success", 1, "result"])
    #expect(
      try hook(.failure, ["message": "m", "data": ["code": 5]]) == ["failure", "j", "m", 5])
    #expect(try hook(.retry, ["delay": 2]) == ["retry", 2])
    #expect(try hook(.missed, ["count": 3, "reason": "why"]) == ["missed", 3, "why"])
  }

  @Test func `a failed hook is logged with its job, and reported`() throws {
    let single = try SingleScript(job("", "on_failure = function() error('worse') end,"))
    let report = try single.run(
      "j", .none, Dispatch.Extras(hook: Dispatch.Extras.Hook(.failure, [:])))
    #expect(report.run == Run.ID(rawValue: 7))
    #expect(report.failure?.message == "a.lua:1: worse")
    let line = try #require(single.log.lines.last)
    #expect(line.level == .error && line.job == "j" && line.event == nil)
    #expect(line.message.hasPrefix("on_failure: a.lua:1: worse\nstack traceback:"))
  }

  @Test func `a hook cannot ask for a retry`() throws {
    let single = try SingleScript(job("", "on_failure = function(run) run:retry(1) end,"))
    let report = try single.run(
      "j", .none, Dispatch.Extras(hook: Dispatch.Extras.Hook(.failure, [:])))
    #expect(report.failure?.message.contains("the run has ended already") == true)
    #expect(report.details?.content.retryAfter == nil)
  }

  @Test func `a hook that the job lacks fails like a missing job`() throws {
    let report = try SingleScript(job("")).run(
      "j", .none, Dispatch.Extras(hook: Dispatch.Extras.Hook(.failure, [:])))
    #expect(report.failure?.message == "a.lua: the job is gone")
  }

  @Test func `a run that would start after its grace is a misfire`() throws {
    let single = try SingleScript(job("return 1"))
    let now = single.clock.read().wall
    let late = try single.run(
      "j", .none, Dispatch.Extras(latest: now.advanced(by: -1)), scheduledAt: now.advanced(by: -5))
    guard case .misfired(late: 5) = late.outcome else {
      Issue.record("\(late.outcome)")
      return
    }
    #expect(try single.run("j", .none, Dispatch.Extras(latest: now)).result == 1)
  }

  // MARK: Progress, cancelled

  @Test func `progress is logged at level debug, and is not part of the run's log`() throws {
    let single = try SingleScript(job("run:progress(0.4, 'step') run:progress(1)"))
    let report = try single.run("j")
    #expect(report.details == nil)
    let lines = single.log.lines.filter { $0.level == .debug }
    #expect(lines.map(\.message) == ["40 %: step", "100 %"])
    #expect(lines.allSatisfy { $0.job == "j" })
  }

  @Test(arguments: [
    "run:progress(2)", "run:progress('x')", "run:progress()", "run:progress(0, {})",
  ])
  func `invalid progress is a mistake`(call: String) throws {
    let message = try SingleScript(job(call)).run("j").failure?.message
    #expect(message?.hasPrefix("a.lua:1: ") == true && message?.contains("run:progress") == true)
  }

  @Test func `a cancelled run can see that and end by itself`() throws {
    let cancel = HostFunction(HostFunctionSignature("cancel_me")) { call in
      call.isolate.mailbox.append(CancelRuns(reason: "a test"))
      return .nothing
    }
    let single = try SingleScript(
      job("local before = run.cancelled cancel_me() return { before, run.cancelled }"),
      functions: [cancel])
    #expect(try single.run("j").result == [false, true])
  }
}
