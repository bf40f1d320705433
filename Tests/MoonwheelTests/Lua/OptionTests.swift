import Layers
import MoonwheelModel
import TestSupport
import Testing

@testable import Moonwheel
@testable import SchedulerEngine
@testable import ScriptHost

/// How options of a job become its policy.
@Suite struct OptionTests {
  private func policy(_ options: String, before: String = "") throws -> JobPolicy {
    try SingleScript("\(before)\nevery('10s', { name = 'j', \(options) }, function() end)").policy(
      "j")
  }

  @Test func `a job without options has the documented defaults`() throws {
    var policy = try policy("")
    policy.window.seed = 0
    #expect(policy == JobPolicy())
    #expect(policy.history == 100 && policy.failures == 1_000 && policy.catchupLimit == 1_000)
    #expect(policy.grace == nil && policy.catchup == nil && policy.restart == nil)
  }

  @Test func `each option is read`() throws {
    let read = try policy(
      """
      grace = '30s', catchup = 'all', catchup_limit = 5, restart = true, history = 7,
      state = { n = 1 }, retry = { max = 3, from = 2, to = '1m', factor = 3, jitter = 0.5, unless = '4%d%d' },
      isolate = 'run', memory = '8 MiB', paused = true, overlap = 'queue', backlog = 9
      """)
    #expect(read.grace == 30_000_000_000)
    #expect(read.catchup == .all && read.catchupLimit == 5)
    #expect(read.restart == true && read.history == 7)
    #expect(read.state == ["n": 1])
    #expect(
      read.retry
        == RetryPolicy(
          max: 3, from: 2_000_000_000, to: 60_000_000_000, factor: 3, jitter: 0.5, unless: "4%d%d"))
    #expect(read.isolatesRuns && read.memory == 8 << 20)
    #expect(read.paused && read.backlog == 9)
  }

  @Test(
    arguments: [
      ("retry = 3", RetryPolicy(max: 3)), ("retry = 0", nil), ("retry = false", nil),
      ("retry = { max = 0, from = 1 }", nil),
      (
        "retry = { max = 1, from = '2h' }",
        RetryPolicy(max: 1, from: 7_200_000_000_000, to: 7_200_000_000_000)
      ),
      ("retry = { max = 1, unless = '[]a]%]' }", RetryPolicy(max: 1, unless: "[]a]%]")),
      (
        "retry = { max = 1, unless = '[^%]]()%b()%f[%w]' }",
        RetryPolicy(max: 1, unless: "[^%]]()%b()%f[%w]")
      ),
    ] as [(String, RetryPolicy?)])
  func `retry is a number or a table`(option: String, retry: RetryPolicy?) throws {
    #expect(try policy(option).retry == retry)
  }

  @Test func `false means none and differs from a missing option`() throws {
    #expect(try policy("catchup = false").catchup == Catchup.none)
    #expect(try policy("restart = false").restart == false)
    #expect(try policy("history = false").history == 0)
    let defaults =
      "defaults { grace = '1s', retry = 3, catchup = 'all', history = 5, isolate = 'run' }"
    let own = try policy("grace = false, retry = false, isolate = false", before: defaults)
    #expect(own.grace == nil && own.retry == nil && own.catchup == .all && own.history == 5)
    #expect(!own.isolatesRuns)
  }

  @Test func `defaults do not affect jobs for which they make no sense`() throws {
    let single = try SingleScript(
      """
      defaults { catchup = 'all', debounce = '2s', batch = 10, memory = '8 MiB' }
      every('10s', { name = 'named' }, function() end)
      every('20s', function() end)
      on('x', { name = 'handler' }, function() end)
      every('10s', { name = 'private', isolate = 'run' }, function() end)
      """)
    #expect(try single.policy("named").catchup == .all)
    #expect(try single.policy("named").gathersEvents == false)
    #expect(try single.policy("named").memory == nil)
    #expect(try single.policy("every 20s").catchup == nil)
    #expect(try single.policy("handler").catchup == nil)
    #expect(try single.policy("handler").debounce == 2_000_000_000)
    #expect(try single.policy("handler").batch == 10)
    #expect(try single.policy("private").memory == 8 << 20)
  }

  /// `defaults` are for many jobs: one that cannot use an option loads all the same.
  @Test func `defaults that a job cannot use are left out`() throws {
    let single = try SingleScript(
      """
      defaults {
        jitter = '7s', fixed_delay = true, grace = '1m', max_instances = 3, backlog = 5, catchup_limit = 7,
        gap = 'skip', fold = 'last', lat = 1, lon = 2, tz = 'Europe/Berlin', debounce = '1s', batch = 2,
      }
      every('10s', { name = 'long' }, function() end)
      every('5s', { name = 'short' }, function() end)
      cron('0 9 * * *', { name = 'cron' }, function() end)
      on('x', { name = 'on' }, function() end)
      after('1h', { name = 'after' }, function() end)
      job('none', { run = function() end })
      job('both', { on = every('3s') | cron('0 9 * * *'), run = function() end })
      trigger(function() end, { name = 'own' }, function() end)
      """)
    #expect(try single.policy("long").window.jitter == 7_000_000_000)
    #expect(try single.policy("long").fixedDelay)
    #expect(try single.policy("short").window.jitter == 0)
    #expect(try !single.policy("cron").fixedDelay)
    #expect(try single.policy("on").window.jitter == 0)
    #expect(try single.policy("none").window.jitter == 0)
  }

  @Test(arguments: [
    "every('10s', { overlap = 'allow', max_instances = 2 }, print)",
    "defaults { overlap = 'allow' } every('10s', { max_instances = 2 }, print)",
    "on('x', { backlog = 2 }, print)", "on('x', { overlap = 'allow', max_instances = 2 }, print)",
    "every('1s', { name = 'x', catchup = 'all', catchup_limit = 2 }, print)",
    "every('1h', { from = '2030-03-31 02:30', gap = 'skip', fold = 'last' }, print)",
    "every('1h', { tz = 'Europe/Berlin' }, print)", "at('tomorrow 02:30', { gap = 'skip' }, print)",
    "job('x', { gap = 'skip', on = every('10s') | cron('30 2 * * *'), run = print })",
    "job('x', { on = every('sunset', { lat = 1, lon = 2 }) & between('09:00', '23:00'), run = print })",
    "every('nautical dawn', { lat = 1, lon = 2 }, print)",
    "every('10s', { max_instances = false, gap = false, lat = false }, print)",
  ])
  func `an option that does something is taken`(script: String) throws {
    _ = try SingleScript(script)
  }

  @Test func `queue is the old name of backlog`() throws {
    #expect(try policy("overlap = 'queue', queue = 7").backlog == 7)
    #expect(try policy("", before: "defaults { queue = 8 }").backlog == 8)
    #expect(try policy("queue = false", before: "defaults { backlog = 8 }").backlog == 1)
    #expect(try policy("backlog = false", before: "defaults { queue = 8 }").backlog == 1)
    #expect(
      try policy("backlog = 3", before: "defaults { overlap = 'queue', queue = 8 }").backlog == 3)
    #expect(try policy("overlap = 'queue'").overlap == .queue)
    let single = try SingleScript("job('j', { overlap = 'queue', queue = 4, run = print })")
    #expect(try single.policy("j").backlog == 4)
  }

  private static let oldNames = """
    defaults { overlap = 'queue', queue = 2 }
    for i = 1, 3 do every(i, { queue = i }, print) end
    job('late', { run = function()
      for _ = 1, 2 do after('1h', { queue = 5 }, print) end
    end })
    every('1h', { backlog = 6 }, print)
    """

  /// Not in a simulation, which shows what scripts do, not how they are spelt.
  @Test(arguments: [StoryClock.manual, .machine])
  func `the host warns once per line that uses the old name`(clock: StoryClock) async throws {
    let host = try clock.start([
      "a.lua": Self.oldNames + "\nafter(1, function() jobs()[4]:trigger() end)"
    ])
    defer { host.stop() }
    let atLoad = [
      "a.lua:1: the option queue is now called backlog; write backlog = 2",
      "a.lua:2: the option queue is now called backlog; write backlog = 1",
    ]
    #expect(host.warnings == atLoad)
    try await inThread {
      try host.advance(by: 1.5)
      host.awaitLines(3)
    }
    #expect(
      host.warnings == atLoad + [
        "a.lua:4: the option queue is now called backlog; write backlog = 5"
      ])
  }

  @Test func `an inspection warns of the old name, also in a script that does not load`() throws {
    var configuration = Configuration()
    configuration.texts = [
      ("a.lua", Self.oldNames),
      ("b.lua", "every(1, { overlap = 'queue', queue = 2 }, print) error('x')"),
    ]
    let inspection = try Inspection(configuration)
    #expect(inspection.errors.map(\.script) == ["b.lua"])
    #expect(
      inspection.warnings.map(\.message) == [
        "a.lua:1: the option queue is now called backlog; write backlog = 2",
        "a.lua:2: the option queue is now called backlog; write backlog = 1",
        "b.lua:1: the option queue is now called backlog; write backlog = 2",
      ])
    #expect(inspection.warnings.map(\.script) == ["a.lua", "a.lua", "b.lua"])
  }

  @Test(arguments: [memory].onEachClock)
  func `memory in defaults caps the isolate of the script`(story: StoryRun) async throws {
    try await story.check()
  }

  private static let memory = Story(
    "a small string fits, and a large one does not", 1,
    """
    defaults { memory = '4 MiB' }
    local j = job('big', {
      run = function(run) print(#(('x'):rep(run.args))) end,
      on_failure = function(run, e) print(e.message:find('not enough memory', 1, true) ~= nil) end,
    })
    after(0.25, function() j:trigger(1000000) j:trigger(8000000) end)
    """, "1000000", "true")

  @Test func `a registration knows whether its name is given or derived`() throws {
    let single = try SingleScript(
      "every('1s', print) every('1s', { name = 'n' }, print) job('j', { run = print })")
    #expect(single.registrations.map(\.isNamed) == [false, true, true])
  }

  @Test func `the functions of a job that a callback registered are freed with it`() throws {
    let single = try SingleScript(
      """
      job('j', { run = function()
        after('1h', { when = print, on_failure = print, on_retry = print }, print)
      end })
      """)
    _ = try single.run("j")
    let named = single.isolate.registry.handle(named: "after 1h")
    let handle = try #require(named)
    #expect(single.isolate.registry.release(handle).count == 4)
  }
}
