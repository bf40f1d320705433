import Layers
import MoonwheelTesting
import TestSupport
import Testing

@testable import Moonwheel
@testable import ScriptHost

/// Trigger functions. 2026-01-01 00:00:00 UTC is a Thursday.
@Suite struct TriggerFunctionTests {
  static let stories = [
    Story(
      "a function says when, in all three forms", 100,
      """
      local function slower(after) return after + 2 ^ math.floor((after - start) / 10) end
      trigger(slower, function(run) print("a", second(run)) end)
      trigger(slower, { name = "b", times = 2 }, function(run) print("b", second(run)) end)
      job("c", { on = trigger(slower), till = "5s", run = function(run) print("c", second(run)) end })
      """, "a 1", "b 1", "c 1", "a 2", "b 2", "c 2", "a 3", "c 3", "a 4", "c 4", "a 5", "c 5",
      "a 6", "a 7", "a 8", "a 9", "a 10", "a 12", "a 14", "a 16", "a 18", "a 20", "a 24", "a 28",
      "a 32", "a 40", "a 56", "a 88"),
    Story(
      "nil is never again, and so is cancel", 2,
      """
      on("job.finished", function(e) print(e.payload.job, e.payload.reason) end)
      after("500ms", function()
        trigger(function() return nil end, { name = "never" }, print)
        trigger(function() return cancel end, { name = "cancelled" }, print)
      end)
      """, "after 500ms it has no further fire", "never it has no further fire",
      "cancelled it has no further fire"),
    Story(
      "other triggers can be asked, and asked about any instant", 86_400 * 9,
      """
      local nine = cron("0 9 * * mon-fri") - dates { "2026-01-02", "2026-01-06" }
      trigger(function(after) return nine:next(nine:next(after)) end, { name = "every other" }, function(run)
        print(date(run.scheduled_at, "%a %d %H:%M"))
      end)
      """, "Mon 05 09:00", "Thu 08 09:00"),
    Story(
      "a trigger returns its next instant, also while the script loads", 0,
      """
      local function show(t, after) print(t and t:next(after) and math.tointeger(t:next(after) - start)) end
      show(every("10s"), start + 5)
      show(cron("0 9 * * *"))
      show(at("2025-01-01"), start)
      show(every("1m") & between("00:10", "00:20"), start)
      show(every("sunset", { lat = 52.5, lon = 13.4 }), start)
      local t = trigger(function(after) return after + 1 end)
      print(t:next(5), t:next() - start, tostring(t))
      """, "15", "32400", "nil", "600", "54180", "6 1.0 trigger"
    ).except(on: .machine, "its instants are those of one day"),
    Story(
      "from, jitter and now hold", 40,
      """
      local function each5(after) return (after // 5 + 1) * 5 end
      trigger(each5, { name = "from", from = "15s" }, function(run) print("from", second(run)) end)
      trigger(each5, { name = "now", now = true, times = 1 }, function(run) print("now", second(run)) end)
      trigger(each5, { name = "jitter", jitter = "4s", till = "9s" }, function(run)
        print("jitter", second(run), run.late > 0)
      end)
      """, "now 0", "now 5", "jitter 5 true", "from 15", "from 20", "from 25", "from 30", "from 35",
      "from 40"),
    Story(
      "jobs of callbacks can have one", 10,
      """
      after("2s", function()
        local left = 2
        trigger(function(after) left = left - 1 return left >= 0 and after + 1 or nil end, function(run) print(second(run)) end)
      end)
      """, "3", "4"),
  ]

  @Test(arguments: stories.onEachClock)
  func `a story prints what it should`(story: StoryRun) async throws { try await story.check() }

  static let wrong = [
    ("return 'soon'", "2: the trigger of job \"x\" returned a string: it is to return seconds"),
    ("return {}", "2: the trigger of job \"x\" returned a table: it is to return"),
    ("return print", "2: the trigger of job \"x\" returned a function: it is to return"),
    ("return true", "2: the trigger of job \"x\" returned a boolean: it is to return"),
    ("return jobs.x", "2: the trigger of job \"x\" returned a job: it is to return"),
    ("return 0/0", "2: the trigger of job \"x\" returned -nan, which is no instant"),
    ("return 1/0", "2: the trigger of job \"x\" returned inf, which is no instant"),
    ("return 1e300", "2: the trigger of job \"x\" returned 1e+300, which is no instant"),
    (
      "return after",
      "2: the trigger of job \"x\" returned 2026-01-01T00:00:01+00:00, not later than 2026-01-01T00:00:01+00:00: it is"
    ),
    (
      "return after - 1",
      "2: the trigger of job \"x\" returned 2026-01-01T00:00:00+00:00, not later"
    ),
    ("error('boom')", "2: boom"),
    ("error({ code = 'E' })", "2: the trigger of job \"x\" raised { code = \"E\" }"),
    ("return after .. nil", "2: attempt to concatenate a nil value"),
    ("sleep(1)", "2: a trigger function may not wait"),
    ("wait('x')", "2: a trigger function may not wait"),
    ("jobs.x:pause()", "2: a trigger function may not wait"),
    ("every('1s', print)", "2: a trigger function registers no jobs"),
    ("trigger(print, print)", "2: a trigger function registers no jobs"),
  ]

  @Test(arguments: wrong)
  func `a mistake of a trigger function ends the fires of its job, and is logged`(
    body: String, message: String
  ) async throws {
    let script = """
      on("job.finished", { name = "end" }, function(e) print(e.payload.reason) end)
      after(1, function() trigger(function(after) \(body) end, { name = "x" }, function() print("fired") end) end)
      """
    try await withHost(["a.lua": script]) { host in
      host.advance(by: 1)
      let errors = host.log.lines.filter { $0.level == .error }
      try #require(errors.count == 1, "\(host.log.messages)")
      let prefix = message.first?.isNumber == true ? "a.lua:" + message : message
      #expect(errors[0].message.hasPrefix(prefix), "\(errors[0].message)")
      #expect(errors[0].event == "job.finished" && errors[0].job == "x")
      #expect(errors[0].script == "a.lua" && errors[0].metadata["run"] == nil)
      host.advance(by: 10)
      let reason = errors[0].message.split(separator: "\n")[0]
      #expect(host.log.said.contains(String(reason)) && !host.log.said.contains("fired"))
    }
  }

  @Test func `a job keeps its last fire when its function is asked again after a reload`()
    async throws
  {
    let folder = try TemporaryFolder()
    let script = """
      trigger(function(after) print("asked", math.tointeger(after - 1767225600)) return after + 10 end,
        { name = "x", times = 4 }, function(run) print("fires", run.n) end)
      """
    try folder.write("a.lua", script)
    var configuration = Configuration(paths: [folder.path])
    configuration.watches = false
    try await withHost([:], configuration) { host in
      host.advance(by: 15)
      try folder.write("a.lua", script.replacing("+ 10", with: "+ 7"))
      let reloads = try EventRecorder("script.reloaded", of: host.scheduler)
      host.scheduler.beginReload()
      #expect(reloads.wait { !$0.isEmpty })
      host.advance(by: 30)
      #expect(
        host.log.said == [
          "asked\t0", "fires\t1", "asked\t10", "asked\t10", "fires\t2", "asked\t17", "fires\t3",
          "asked\t24", "fires\t4",
        ])
    }
  }

  @Test func `an inspection shows first fires, and mistakes of trigger functions as errors`() throws
  {
    var configuration = Configuration()
    configuration.timeZone = "UTC"
    configuration.texts = [
      (
        name: "a.lua",
        source: """
        trigger(function(after) return 4000000000 end, { name = "far" }, print)
        trigger(function(after) return after + 5 end, { name = "from", from = "2127-01-01" }, print)
        trigger(function(after) return after + 5 end, { name = "till", till = "2020-01-01" }, print)
        trigger(function(after) return nil end, { name = "never" }, print)
        trigger(function(after)
          error("boom") end, { name = "bad" }, print)
        """
      )
    ]
    let inspection = try Inspection(configuration)
    #expect(inspection.errors.map(\.message) == ["a.lua:6: boom"])
    #expect(inspection.jobs.map(\.name) == ["far", "from", "till", "never"])
    #expect(inspection.jobs[0].next == Timestamp(seconds: 4_000_000_000))
    #expect(inspection.jobs[0].words == "when its function says")
    #expect(inspection.jobs[1].next?.description == "2127-01-01T00:00:04.999+00:00")
    #expect(inspection.jobs.map(\.isOver) == [false, false, true, true])
  }
}

extension SignalsTests {
  @Suite(.serialized) struct TriggerFunctionSignalsTests {
    static let attacks = [
      "while true do end", "return string.rep('', 1e18)",
      "return ('a'):rep(40):find(('a-'):rep(40) .. 'b')", "while pcall(error) or true do end",
      "local t = {} while true do t[#t + 1] = ('x'):rep(1e5) end",
      "local c <close> = setmetatable({}, { __close = function() while true do end end }) while true do end",
      "local function f() return f() + 1 end return f()", "return coroutine.yield()",
    ]

    @Test(.timeLimit(.minutes(1)), arguments: attacks)
    func `a hostile trigger function ends its own job, and the neighbours continue`(
      attack: String
    ) async throws {
      let script = """
        trigger(function() \(attack) end, { name = "culprit", timeout = "100ms" }, print)
        trigger(function(after) return after + 0.02 end, { name = "steady" }, function() alive(1) end)
        """
      let arena = try Arena([("a.lua", script)]) { scheduler, state in
        try scheduler.observe("job.finished") { event in
          state.withLock { $0.events.append(event) }
          state.broadcast()
        }
      }
      let ends = arena.wait(10) { state in
        state.events.first { $0.name == "job.finished" }
      }
      let payload = try #require(ends?.payload)
      #expect(payload["job"]?.text == "culprit")
      #expect(payload["reason"]?.text?.hasPrefix("a.lua") == true, "\(payload)")
      arena.state.withLock { $0.alive = [] }
      #expect(arena.wait(5) { $0.alive.contains(1) ? true : nil } == true, "its sibling continues")
      let count = arena.state.withLock { $0.ticks.count }
      #expect(arena.wait(5) { $0.ticks.count > count + 5 ? true : nil } == true)
      await arena.stop()
      arena.checkNeighbour()
    }
  }
}
