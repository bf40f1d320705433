import Layers
import MoonwheelTesting
import TestSupport
import Testing

@testable import Moonwheel
@testable import MoonwheelSimulation

/// Durations and times near the end of time: `Int64` nanoseconds hold 292 years.
@Suite struct EndOfTimeTests {
  /// If a sum traps or wraps around in one of these, the scheduler ends, loops for ever, or fires early.
  @Test(
    .timeLimit(.minutes(1)),
    arguments: [StoryClock.virtual, .manual],
    [
      "cron('* * * * * *', { jitter = '106000d' }, function() print('early') end)",
      "every('1s', { retry = { max = 5, from = '106000d', to = '106751d', jitter = 1 } }, function() error('x') end)",
      "every('1s', { retry = { max = 5, from = '9223372036s', to = '9223372036s', factor = 1000 } }, function() error('x') end)",
      "every('1s', { timeout = { soft = '100ms', hard = '106751d' }, cpu = '106751d' }, function() sleep('106751d') end)",
      "every('1s', { timeout = '106751d', grace = '106751d' }, function() wait('never', '106751d') end)",
      "on('go', { debounce = '106751d' }, function() print('early') end) every('1s', function() emit('go') end)",
      "local j = after('106751d', function() print('early') end) after('1s', function() assert(j.next_run > now()) j:explain() end)",
      "every('106751d', { from = '2261-12-31', till = '106751d', times = 1000000000 }, function() print('early') end)",
      "every('100us to 106751d', function() end)",
      "local j = job('x', { run = function() print('early') end }) after('1s', function() assert(j:after('106751d')) assert(j:at('2261-12-31')) j:explain() end)",
      "trigger(function(after) return after + 8e9 end, { from = '106751d', jitter = '106751d' }, function() print('early') end)",
    ])
  func `the longest duration does not fire early and delays no other job`(
    clock: StoryClock, script: String
  ) throws {
    let failures = try JobEventRecorder("run.failed")
    let host = try clock.start(
      [
        "a.lua": "print 'loaded' " + script,
        "b.lua": "every('1s', { name = 'tick' }, function() print('tick') end)",
      ], recorder: failures)
    defer { host.stop() }
    #expect(host.said == ["loaded"])
    try host.advance(by: 30)
    #expect(host.said.count { $0 == "tick" } == 30)
    #expect(!host.said.contains("early"))
    #expect(!failures.events.contains { $0.error.contains("assertion failed") })
  }

  @Test(arguments: [
    ("sim:advance('106751d')", "advance: a simulation lasts at most 285 years"),
    ("sim:advance('1d') sim:outage('106751d')", "outage: a simulation lasts at most 285 years"),
    (
      "sim:outage('2026-01-02', '106751d') sim:advance('3d') expect(sim:now()):is_nil()", "expected"
    ),
    ("sim:step_clock(math.mininteger)", "step_clock: "),
    (
      "sim:step_clock('106751d') sim:step_clock('-106751d') sim:step_clock('-106751d') sim:advance('1d')",
      nil
    ),
    ("os.time { year = math.mininteger, month = 1, day = 1 }", "field 'year' is out-of-bound"),
    (
      "os.date('*t', math.maxinteger) os.date('!*t', math.mininteger) os.date('*t', 1e300)",
      "the time must be"
    ),
  ])
  func `a simulation that reaches the end of time ends with an error`(
    body: String, message: String?
  ) throws {
    let folder = try TemporaryFolder()
    try folder.write(
      "a_test.lua",
      """
      test("x", { tz = "Europe/Berlin" }, function(sim)
        sim:load("a.lua", [[cron("0 9 * * *", { name = "nine", catchup = "all", catchup_limit = 3, jitter = "106751d" }, function() end)
          every("1000d", { cpu = "106751d", timeout = { soft = "106000d", hard = "106751d" } }, function()
            for i = 1, 3e7 do end
          end)]])
        \(body)
      end)
      """)
    let tests = try ScriptTests(path: folder.path("a_test.lua"), root: folder.path)
    let failure = try #require(tests.all.first).run(logger: LogRecorder().logger)
    if let message {
      #expect(failure?.message.contains(message) == true, "\(failure?.message ?? "passed")")
    } else {
      #expect(failure == nil)
    }
  }
}
