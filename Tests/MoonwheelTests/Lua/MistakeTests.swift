import Layers
import MoonwheelTesting
import Testing

@testable import Moonwheel
@testable import SchedulerEngine
@testable import ScriptHost

/// Mistakes of scripts and their messages.
struct Wrong: CustomTestStringConvertible, Sendable {
  let script: String
  let message: String

  init(_ script: String, _ message: String) {
    self.script = script
    self.message = message
  }

  var testDescription: String { script }
}

@Suite struct MistakeTests {
  @Test(
    arguments: Wrong.options + Wrong.useless + Wrong.foreign + Wrong.triggers + Wrong.windows
      + Wrong.policies + Wrong.retries
      + Wrong.callbacks
      + Wrong.specs + Wrong.jobs + Wrong.loading + Wrong.loadingFields
      + Wrong.rest)
  func `a mistake while loading is an error with its place and its remedy`(wrong: Wrong) throws {
    #expect(try loadError(wrong.script) == "a.lua:" + wrong.message)
  }

  @Test(arguments: Wrong.later)
  func `what is not there yet says so`(script: String) throws {
    let message = try loadError(script)
    #expect(message?.hasPrefix("a.lua:1: ") == true)
    #expect(message?.hasSuffix("is not there yet in this version of Moonwheel") == true)
  }

  @Test(arguments: Wrong.running + Wrong.handles + Wrong.keys)
  func `a mistake in a callback fails its run with its place and its remedy`(wrong: Wrong)
    async throws
  {
    let script =
      "local j = job('j', { run = print }) after(1, function(run)\n\(wrong.script)\nend)"
    try await withHost(["a.lua": script]) { host in
      host.advance(by: 1)
      let failures = host.log.messages(of: "run.failed")
      #expect(failures.map { $0.split(separator: "\n").first } == ["a.lua:2: \(wrong.message)"])
    }
  }

  @Test func `a traceback shows only lines of the script`() async throws {
    let script = """
      local function inner() error("boom") end
      local function outer() inner() end
      every("1s", { name = "bad" }, function()
        outer()
        print("not reached")
      end)
      """
    try await withHost(["sub/a.lua": script]) { host in
      host.advance(by: 2)
      let lines = host.log.lines.filter { $0.event == "run.failed" }
      #expect(lines.count == 2)
      let line = try #require(lines.first)
      #expect(line.level == .error && line.script == "sub/a.lua" && line.job == "bad")
      #expect(line.metadata["run"]?.count == 13)
      #expect(
        line.message == """
          sub/a.lua:1: boom
          stack traceback:
          \t[C]: in global 'error'
          \tsub/a.lua:1: in upvalue 'inner'
          \tsub/a.lua:2: in upvalue 'outer'
          \tsub/a.lua:4: in function <sub/a.lua:3>
          """)
    }
  }
}

extension Wrong {
  private static let f = "function() end"

  static let windows = [
    Wrong(
      "every('1h', { from = '2030-09-01', till = '2030-06-01' }, \(f))",
      "1: every 1h never fires: till (2030-06-01T00:00:00+00:00) is before from (2030-09-01T00:00:00+00:00)"
    ),
    Wrong(
      "every('1h', { till = '30m' }, \(f))",
      "1: every 1h never fires: its first fire is 1h after the registration, and till is 30m"),
    Wrong(
      "cron('0 9 * * *', { from = '2h', till = '1h' }, \(f))",
      "1: cron 0 9 * * * never fires: its first fire is 2h after the registration, and till is 1h"),
    Wrong(
      "every('1h', { till = 30 }, \(f))",
      "1: option \"till\": 30 is a time in seconds since 1970; for a length of time write a text, as in \"10m\""
    ),
    Wrong(
      "every('1h', { from = 'soon' }, \(f))",
      "1: option \"from\": \"soon\": unknown word \"soon\", did you mean \"noon\"?"),
    Wrong(
      "job('a', { on = cron('0 9 * * *') - dates {}, run = \(f) })",
      "1: dates takes at least one date, as in dates { \"2026-12-25\" }"),
    Wrong(
      "job('a', { on = cron('0 9 * * *') - dates { 5 }, run = \(f) })",
      "1: dates: a date is a text like \"2026-12-25\", not 5"),
    Wrong(
      "job('a', { on = cron('0 9 * * *') & between('09:00'), run = \(f) })",
      "1: between takes two times of day like \"09:00\", \"17:00\", or two dates, first"),
    Wrong(
      "job('a', { on = cron('0 9 * * *') & between('9', '17'), run = \(f) })",
      "1: between \"9\": unexpected \"9\" at column 1; write for example \"2026-12-24 18:00\", \"18:00\" or \"tomorrow 09:00\""
    ),
  ]

  static let triggers = [
    Wrong(
      "trigger()",
      "1: trigger takes a function first, which is given an instant and returns the next one, not nil"
    ),
    Wrong(
      "trigger('10s', \(f))",
      "1: trigger takes a function first, which is given an instant and returns the next one, not string"
    ),
    Wrong(
      "trigger(\(f), nil)",
      "1: trigger: the callback is nil; is its name spelled right, and is it defined above?"),
    Wrong(
      "trigger(\(f), { nam = 'x' }, \(f))", "1: unknown option \"nam\", did you mean \"name\"?"),
    Wrong(
      "every('1h', { name = 'x', ping = 'ping.example/x' }, \(f))",
      "1: option \"ping\" must be a URL of http or https, as in \"https://ping.example.org/backup\""
    ),
    Wrong(
      "every('1h', { name = 'x', ping = 'https://ping.example:8443/x' }, \(f))",
      "1: option \"ping\": this script may not connect to ping.example:8443.\n  Add it to the script:  permissions { net = { \"ping.example:8443\" } }   and then set Configuration.permissions of the program"
    ),
    Wrong(
      "defaults { ping = 'https://ping.example/x' }",
      "1: defaults cannot set \"ping\": it belongs to one job"),
    Wrong(
      "trigger(\(f), { fixed_delay = true }, \(f))",
      "1: fixed_delay goes with a duration, as in every(\"10s\", { fixed_delay = true }, f)"),
    Wrong(
      "job('a', { on = every('1s') - trigger(\(f)), run = \(f) })",
      "1: a trigger function cannot be combined with -: let it ask the other trigger, as in trigger(function(after) return cron(\"0 9 * * *\"):next(after) end)"
    ),
    Wrong("on('x'):next()", "1: next: the time of an event is not known in advance"),
    Wrong("every('1s'):next('soon')", "1: next takes a time in seconds since 1970, not \"soon\""),
  ]

  static let options = [
    Wrong("every('10s', { nam = 'x' }, \(f))", "1: unknown option \"nam\", did you mean \"name\"?"),
    Wrong(
      "after(0, \(f))",
      "1: after: 0 seconds is no time at all; for one run at once write after(\"1ms\", f)"),
    Wrong("every('10s', { foo = 'x' }, \(f))", "1: unknown option \"foo\""),
    Wrong(
      "every('10s', { nam = 'x', foo = 1 }, \(f))",
      "1: unknown option \"foo\"; unknown option \"nam\", did you mean \"name\"?"),
    Wrong(
      "every('10s', { jitter = '10s' }, \(f))",
      "1: jitter must be shorter than the period of 10s, so that fires keep their order"),
    Wrong(
      "every('10s', { times = 0 }, \(f))",
      "1: option \"times\" must be a whole number from 1 to 1000000000, not 0"),
    Wrong(
      "every('10s', { overlap = 'never' }, \(f))",
      "1: option \"overlap\" must be one of \"skip\", \"queue\", \"replace\", \"allow\", not \"never\""
    ),
    Wrong("every('10s', { 'x' }, \(f))", "1: options have names, but there is one under 1"),
    Wrong(
      "every('10s', 'x', \(f))", "1: options must be a table with named fields, not \"x\""),
    Wrong(
      "every('10s', { priority = 'high' }, \(f))",
      "1: option \"priority\" must be a whole number from -1000000 to 1000000, not \"high\""),
    Wrong(
      "every('10s', { backlog = 0 }, \(f))",
      "1: option \"backlog\" must be a whole number from 1 to 1000000, not 0"),
    Wrong(
      "every('10s', { queue = 0 }, \(f))",
      "1: option \"queue\" must be a whole number from 1 to 1000000, not 0"),
    Wrong(
      "defaults { backlog = 1, queue = 2 }",
      "1: queue is the old name of the option backlog, and both are given; keep backlog alone"),
    Wrong(
      "job('a', { backlog = 1, queue = 2, run = \(f) })",
      "1: queue is the old name of the option backlog, and both are given; keep backlog alone"),
    Wrong(
      "every('10s', { queu = 1 }, \(f))", "1: unknown option \"queu\""),
    Wrong(
      "job('a', { on = every('10s', { queue = 1 }), run = \(f) })",
      "1: option \"queue\" belongs to a job, and this every is none: it has no function; give it one, or put the option into job(...)"
    ),
    Wrong(
      "every('10s', { tags = 'x' }, \(f))",
      "1: option \"tags\" must be a list of strings, not \"x\""),
    Wrong(
      "every('10s', { tags = { 1 } }, \(f))",
      "1: option \"tags\" must be a list of strings, but has 1"),
    Wrong("every('10s', { name = 5 }, \(f))", "1: option \"name\" must be a string, not 5"),
    Wrong("every('10s', { name = '' }, \(f))", "1: option \"name\" must be a string, not \"\""),
    Wrong(
      "every('10s', { now = 'yes' }, \(f))", "1: option \"now\" must be true or false, not \"yes\""),
    Wrong(
      "every('10s', { args = { cb = { \(f) } } }, \(f))",
      "1: options.args.cb[1]: a function cannot leave its script"),
    Wrong(
      "local t = {} t.t = t every('10s', { args = t }, \(f))",
      "1: options.args.t: a table that contains itself cannot be copied"),
    Wrong(
      "cron('* * * * *', { fixed_delay = true }, \(f))",
      "1: fixed_delay goes with a duration, as in every(\"10s\", { fixed_delay = true }, f)"),
    Wrong("defaults { name = 'x' }", "1: defaults cannot set \"name\": it belongs to one job"),
    Wrong(
      "for i = 1, 101 do defaults { formerly = 'a' .. i } end",
      "1: option \"formerly\" must be the former name of the script, as in \"a.lua\", or a list; a script has up to 100 former names"
    ),
    Wrong("defaults { overlp = 'x' }", "1: unknown option \"overlp\", did you mean \"overlap\"?"),
    Wrong("defaults()", "1: defaults takes a table of options, not nil"),
    Wrong(
      "defaults { overlap = 5 }\nevery('1s', \(f))", "2: option \"overlap\" must be a string, not 5"
    ),
    Wrong(
      "cron('0 9 * * *', { tz = 'Europe/Berlim' }, \(f))",
      "1: unknown time zone \"Europe/Berlim\" in /usr/share/zoneinfo, did you mean \"Europe/Berlin\"?"
    ),
  ]

  /// Options that would do nothing.
  static let useless = [
    ("every('10s', { max_instances = 3 }, F)", "max_instances", "overlap = \"allow\""),
    ("on('x', { max_instances = 3 }, F)", "max_instances", "overlap = \"allow\""),
    ("every('10s', { backlog = 3 }, F)", "backlog", "overlap = \"queue\""),
    ("every('10s', { queue = 3 }, F)", "queue", "overlap = \"queue\""),
    ("on('x', { overlap = 'skip', backlog = 3 }, F)", "backlog", "overlap = \"queue\""),
    ("every('10s', { catchup_limit = 3 }, F)", "catchup_limit", "catchup = \"all\""),
    ("job('x', { now = true, run = F })", "now", "a trigger of time"),
    ("on('x', { grace = 5 }, F)", "grace", "a trigger of time"),
    ("on('x', { tz = 'UTC' }, F)", "tz", "a trigger of time"),
    (
      "every('10s', { gap = 'skip' }, F)", "gap",
      "a time of day, as in every(\"day at 02:30\")"
    ),
    (
      "after('10s', { from = '1h', fold = 'last' }, F)", "fold",
      "a time of day, as in every(\"day at 02:30\")"
    ),
    (
      "local t = every('10s', { gap = 'skip' })", "gap",
      "a time of day, as in every(\"day at 02:30\")"
    ),
    (
      "cron('0 9 * * *', { lat = 5 }, F)", "lat",
      "an event of the sun, as in every(\"sunset - 15m\")"
    ),
    ("job('x', { lon = 5, run = F })", "lon", "an event of the sun, as in every(\"sunset - 15m\")"),
  ].map {
    Wrong(
      $0.0.replacing("F", with: f), "1: option \"\($0.1)\" does nothing without \($0.2)")
  }

  /// Options under their names in other schedulers.
  static let foreign = [
    ("every('10s', { misfire_grace_time = 5 }, F)", "misfire_grace_time", "write grace = \"5m\""),
    (
      "cron('0 9 * * *', { coalesce = true }, F)", "coalesce",
      "write catchup = \"latest\" (one run for all missed fires), \"all\" or \"none\""
    ),
    ("every('10s', { start_date = '' }, F)", "start_date", "write from"),
    ("every('10s', { endDate = '' }, F)", "endDate", "write till"),
    ("every('10s', { ['until'] = '' }, F)", "until", "write till"),
    ("on('x', { id = 'a' }, F)", "id", "write name"),
    ("defaults { timezone = 'UTC' }", "timezone", "write tz = \"Europe/Berlin\""),
    ("defaults { max_retries = 3 }", "max_retries", "write retry = 3"),
    (
      "job('x', { on_error = F, run = F })", "on_error",
      "write on_failure = function(run, e) ... end"
    ),
    (
      "every('10s', { enabled = false }, F)", "enabled",
      "write paused = true for a job that does not fire yet"
    ),
    (
      "every('10s', { run = F })", "run",
      "the function comes last, as in every(\"10s\", { name = \"sync\" }, f)"
    ),
    ("job('x', { func = F, run = F })", "func", "write run = f"),
    ("job('x', { cron = '0 9 * * *', run = F })", "cron", "write on = every(\"10s\")"),
    (
      "every('10s', { user = 'root' }, F)", "user",
      "the host's own user runs all scripts; start the host as that user"
    ),
    (
      "local t = cron('0 9 * * *', { time_zone = 'UTC' })", "time_zone",
      "write tz = \"Europe/Berlin\""
    ),
  ].map { Wrong($0.0.replacing("F", with: f), "1: unknown option \"\($0.1)\": \($0.2)") }

  static let policies = [
    Wrong(
      "every('10s', { grace = 'x' }, \(f))", "1: option \"grace\": \"x\" has no number at column 1"),
    Wrong(
      "every('10s', { name = 'x', catchup = 'some' }, \(f))",
      "1: option \"catchup\" must be one of \"none\", \"latest\", \"all\", not \"some\""),
    Wrong(
      "every('10s', { catchup = 'all' }, \(f))",
      "1: option \"catchup\" outlives the host, so the job must have a name: give it one, as in { name = \"sync\", catchup = ... }"
    ),
    Wrong(
      "on('x', { name = 'x', catchup = 'all' }, \(f))",
      "1: option \"catchup\" goes with a trigger of time"),
    Wrong(
      "every('10s', { catchup_limit = 0 }, \(f))",
      "1: option \"catchup_limit\" must be a whole number from 1 to 1000000, not 0"),
    Wrong(
      "every('10s', { restart = 1 }, \(f))", "1: option \"restart\" must be true or false, not 1"),
    Wrong(
      "every('10s', { history = {} }, \(f))",
      "1: option \"history\" must be a whole number from 0 to 1000000, not a table"),
    Wrong(
      "every('10s', { isolate = 'job' }, \(f))",
      "1: option \"isolate\" must be one of \"script\", \"run\", not \"job\""),
    Wrong(
      "every('10s', { memory = '8 MiB' }, \(f))",
      "1: option \"memory\" limits the script's Lua state, which its jobs share: put it into defaults, or give the job isolate = \"run\""
    ),
    Wrong(
      "every('10s', { isolate = 'run', memory = '8 parsecs' }, \(f))",
      "1: option \"memory\" must be from 1 MiB to 512 MiB, as in \"128 MiB\" or a number of bytes, not \"8 parsecs\""
    ),
    Wrong(
      "defaults { memory = '1 GiB' }",
      "1: option \"memory\" must be from 1 MiB to 512 MiB, as in \"128 MiB\" or a number of bytes, not \"1 GiB\""
    ),
    Wrong("every('10s', { when = 1 }, \(f))", "1: option \"when\" must be a function, not 1"),
    Wrong(
      "every('10s', { on_success = 'f' }, \(f))",
      "1: option \"on_success\" must be a function, not \"f\""),
    Wrong(
      "every('10s', { on_missed = {} }, \(f))",
      "1: option \"on_missed\" must be a function, not a table"),
    Wrong(
      "every('10s', { state = {} }, \(f))",
      "1: option \"state\" outlives the host, so the job must have a name: give it one, as in { name = \"sync\", state = ... }"
    ),
    Wrong(
      "every('10s', { name = 'x', state = 5 }, \(f))",
      "1: option \"state\" must be a table, not 5"),
    Wrong(
      "every('10s', { name = 'x', state = { a = { \(f) } } }, \(f))",
      "1: options.state.a[1]: a function cannot leave its script"),
    Wrong(
      "local j = every('9s', \(f)) every('10s', { name = 'x', state = { j = j } }, \(f))",
      "1: options.state.j: a job cannot be kept; keep its name"),
    Wrong("defaults { state = {} }", "1: defaults cannot set \"state\": it belongs to one job"),
    Wrong(
      "every('10s', { debounce = '1s' }, \(f))",
      "1: option \"debounce\" gathers events: it goes with on(\"...\", options, f)"),
    Wrong(
      "job('x', { batch = 5, run = \(f) })",
      "1: option \"batch\" gathers events: it goes with on(\"...\", options, f)"),
    Wrong(
      "on('x', { batch = 0 }, \(f))",
      "1: option \"batch\" must be a whole number from 1 to 1000000, not 0"),
  ]

  static let retries = [
    (
      "'often'",
      "option \"retry\" is how many more attempts there are, or { max = 5, from = \"1s\", to = \"1h\", factor = 2, jitter = 0.1, unless = \"pattern\" }, not \"often\""
    ),
    ("-1", "retry.max must be a whole number from 0 to 1000000, not -1"),
    ("{}", "retry.max must be a whole number from 0 to 1000000, not nil"),
    ("{ max = 1.5 }", "retry.max must be a whole number from 0 to 1000000, not 1.5"),
    ("{ max = 3, form = 1 }", "option \"retry\" has no part \"form\", did you mean \"from\"?"),
    (
      "{ 3 }",
      "option \"retry\" is how many more attempts there are, or { max = 5, from = \"1s\", to = \"1h\", factor = 2, jitter = 0.1, unless = \"pattern\" }, not a table"
    ),
    ("{ max_attempts = 3 }", "option \"retry\" has no part \"max_attempts\": write max = 3"),
    ("{ max = 3, backoff = 3 }", "option \"retry\" has no part \"backoff\": write from = \"1s\""),
    ("{ max = 3, max_delay = 3 }", "option \"retry\" has no part \"max_delay\": write to = \"1h\""),
    ("{ max = 3, 5 }", "option \"retry\" has no part 1"),
    ("{ max = 3, from = 'soon' }", "retry.from: \"soon\" has no number at column 1"),
    ("{ max = 3, from = '2m', to = '1m' }", "retry.to must not be shorter than retry.from"),
    ("{ max = 3, factor = 0 }", "retry.factor must be a number from 1 to 1000, not 0"),
    ("{ max = 3, jitter = 2 }", "retry.jitter must be a number from 0 to 1, not 2"),
    ("{ max = 3, unless = 4 }", "retry.unless must be a pattern of Lua, not 4"),
    (
      "{ max = 3, unless = 'a[' }",
      "retry.unless: \"a[\" is not a pattern of Lua: a [ is not closed"
    ),
    (
      "{ max = 3, unless = 'a%' }",
      "retry.unless: \"a%\" is not a pattern of Lua: it ends in a single %"
    ),
    (
      "{ max = 3, unless = '(a' }",
      "retry.unless: \"(a\" is not a pattern of Lua: a ( is not closed"
    ),
    (
      "{ max = 3, unless = 'a)' }",
      "retry.unless: \"a)\" is not a pattern of Lua: there is a ) without a ("
    ),
    (
      "{ max = 3, unless = '%b(' }",
      "retry.unless: \"%b(\" is not a pattern of Lua: %b needs two characters after it"
    ),
    (
      "{ max = 3, unless = '%fx' }",
      "retry.unless: \"%fx\" is not a pattern of Lua: %f needs a set in [] after it"
    ),
  ].map { Wrong("every('10s', { retry = \($0.0) }, \(f))", "1: " + $0.1) }

  static let callbacks = [
    Wrong(
      "every('10s', tick)",
      "1: every: the callback is nil; is its name spelled right, and is it defined above?"),
    Wrong(
      "on('a', {}, tick)",
      "1: on: the callback is nil; is its name spelled right, and is it defined above?"),
    Wrong("job('x', { run = tick })", "1: job \"x\": run must be a function, not nil"),
    Wrong(
      "every('10s', tick, {})",
      "1: every takes a spec, then options if you like, and a function as the last argument"),
    Wrong(
      "every('10s', \(f), {})",
      "1: every takes a spec, then options if you like, and a function as the last argument"),
    Wrong(
      "every('10s', {}, {}, \(f))",
      "1: every takes a spec, options if you like, and a function, not 4 arguments"),
    Wrong(
      "every('10s', { name = 'x' })",
      "1: option \"name\" belongs to a job, and this every is none: it has no function; give it one, or put the option into job(...)"
    ),
  ]

  static let specs = [
    Wrong(
      "every()",
      "1: every takes a duration or a spec like \"10s\" or \"day at 10:30\", or a number of seconds, first, not nil"
    ),
    Wrong("every('5', \(f))", "1: \"5\" has no unit; write \"5s\" or the number 5"),
    Wrong(
      "every(0, \(f))", "1: 0 seconds is no time at all; a duration is more than zero"),
    Wrong(
      "every('P1M', \(f))",
      "1: \"P1M\" is not a fixed length; write days, as in \"30 days\", or a calendar rule, as in every(\"month on the 1st\")"
    ),
    Wrong(
      "every('10 parsecs', \(f))",
      "1: unknown unit \"parsecs\" at column 4, write ms, s, m, h, d or w"),
    Wrong(
      "every('mondy at 10:00', \(f))",
      "1: every \"mondy at 10:00\": unknown word \"mondy\" at column 1, did you mean \"monday\"?"),
    Wrong(
      "cron('0 9 * * mon-fry', \(f))",
      "1: cron \"0 9 * * mon-fry\": unknown weekday \"fry\" at column 13, did you mean \"fri\"?"),
    Wrong(
      "cron('0 0 30 2 *', \(f))",
      "1: cron \"0 0 30 2 *\" never fires: February has no day 30"),
    Wrong("at('25:00', \(f))", "1: at \"25:00\": hour 25 is out of range 0-23"),
    Wrong("on('a..b', \(f))", "1: event pattern \"a..b\": it has an empty part"),
    Wrong("on('a*', \(f))", "1: event pattern \"a*\": * stands for a whole part: write \"a.*\""),
    Wrong(
      "on(5, \(f))",
      "1: on takes the name of an event, or a pattern like \"order.*\", first, not 5"),
    Wrong(
      "local t = every('10s') | 5",
      "1: a trigger is made by every, cron, at, after or on; this is 5"),
    Wrong(
      "local t = every('10s') & on('x')",
      "1: events cannot be combined with &: register a handler of its own with on"),
  ]

  static let jobs = [
    Wrong(
      "every('10s', { name = 'x' }, \(f))\ncron('* * * * *', { name = 'x' }, \(f))",
      "2: the name \"x\" is taken by the job at a.lua:1; give one of them another name"),
    Wrong(
      "for i = 1, 3 do every('10s', { name = 'n' }, \(f)) end",
      "1: the name \"n\" is taken by the job at a.lua:1; give one of them another name"),
    Wrong("job()", "1: the name of a job must be a string, not nil"),
    Wrong(
      "job('x', { run = \(f), name = 'y' })",
      "1: job \"x\" has the option name = \"y\": one name is enough"),
    Wrong(
      "job('x', { run = \(f), on = 'every 10s' })",
      "1: a trigger is made by every, cron, at, after or on; this is \"every 10s\""),
    Wrong(
      "job('x', { run = \(f), on = {} })",
      "1: a trigger is made by every, cron, at, after or on; this is another table"),
    Wrong(
      "job('x', { run = \(f), runn = 3 })", "1: unknown option \"runn\", did you mean \"run\"?"),
    Wrong(
      "local j = every('10s', \(f))\nprint(j.naem)",
      "2: a job has no field \"naem\", did you mean \"name\"?"),
    Wrong(
      "local j = every('10s', \(f))\nprint(j.nextrun)",
      "2: a job has no field \"nextrun\", did you mean \"next_run\"?"),
    Wrong("local j = every('10s', \(f))\nj.name = 'x'", "2: a job handle cannot be written to"),
    Wrong(
      "jobs.x = 1",
      "1: jobs cannot be written to: register a job with every, cron, at, after, on or job"),
  ]

  static let loading =
    [
      "emit('a')", "sleep(1)", "wait('a')", "scheduler.pause()", "scheduler.resume()", "clear()",
      "run_all()", "idle()",
    ].map {
      Wrong(
        $0,
        "1: \($0.prefix { $0 != "(" }) cannot be used while the script loads: loading only registers jobs; use it in a callback"
      )
    }
    + [
      "trigger", "after", "at", "pause", "resume", "cancel", "reschedule", "next", "history",
      "explain",
    ].map {
      Wrong(
        "local j = every('10s', \(f))\nj:\($0)()",
        "2: \($0) cannot be used while the script loads: loading only registers jobs; use it in a callback"
      )
    }

  static let later =
    ["chain.x()", "flow.x = 1", "sql('x')"]

  static let loadingFields = ["next_run", "last_run", "paused"].map {
    Wrong(
      "local j = every('10s', \(f))\nprint(j.\($0))",
      "2: \($0) cannot be used while the script loads: loading only registers jobs; use it in a callback"
    )
  }

  /// `j` is the handle of another job.
  static let handles = [
    ("j:after()", "after must be a duration like \"10s\" or a number of seconds, not nil"),
    ("j:after('soon')", "after: \"soon\" has no number at column 1"),
    ("j:after(1, { f = print })", "args.f: a function cannot leave its script"),
    (
      "j:at()",
      "at takes a time like \"2026-12-24 18:00\" or \"18:00\", or seconds since 1970, first, not nil"
    ),
    ("j:at('25:00')", "at \"25:00\": hour 25 is out of range 0-23"),
    ("j:at('18:00', j)", "args: a job cannot leave its script; send its name"),
    ("j:pause(5)", "the reason of a pause must be a string, not 5"),
    ("j:next(0)", "next takes a number from 1 to 1000, not 0"),
    ("j:next('all')", "next takes a number from 1 to 1000, not \"all\""),
    ("j:history(-1)", "history takes a number from 1 to 1000, not -1"),
    (
      "j:reschedule(trigger(print))", "reschedule takes no trigger function: register a job with it"
    ),
    ("j:reschedule()", "a trigger is made by every, cron, at, after or on; this is nil"),
    ("j:reschedule('5m')", "a trigger is made by every, cron, at, after or on; this is \"5m\""),
    (
      "j.after('1s')",
      "call it with a colon, as in j:pause(); its first argument is \"1s\", not a job"
    ),
    ("print(j.naem)", "a job has no field \"naem\", did you mean \"name\"?"),
    ("clear(5)", "the tag must be a string, not 5"),
    ("run_all('soon')", "run_all: \"soon\" has no number at column 1"),
    (
      "every('1s', { isolate = 'run' }, print)",
      "isolate = \"run\" goes with a job that the script registers while it loads: each run loads the script anew"
    ),
  ].map { Wrong($0.0, $0.1) }

  static let rest = [
    Wrong("x = = 1", "1: unexpected symbol near '='"),
    Wrong("local x = nil\nx()", "2: attempt to call a nil value (local 'x')"),
    Wrong(
      "require('nope')",
      "1: module 'nope' not found; looked for nothing: the script has no folder"),
    Wrong("require(5)", "1: require takes the name of a module, not a number"),
    Wrong(
      "require('../x')",
      "1: \"../x\" is not the name of a module: names are letters, digits, _ and -, with dots between folders"
    ),
    Wrong(
      "os.execute('ls')",
      "1: os.execute is not available to scripts; there are os.time, os.date, os.clock and os.difftime"
    ),
    Wrong("date('x')", "1: date takes a time in seconds since 1970 first, not \"x\""),
    Wrong(
      "date(0, '%Q')",
      "1: date: %Q is not a known conversion; there are YyCmBbhdejHIMSpAauwVGgUWcxDFTRXrszZnt%"),
    Wrong("json.parse('1')", "1: json.parse does not exist; write json.decode"),
    Wrong(
      "hash.md5('x')",
      "1: hash.md5 does not exist; there are sha256, hmac, equal, base64, from_base64, hex, from_hex, random and uuid"
    ),
    Wrong("json.decode(nil)", "1: json.decode takes a text, not nil"),
    Wrong(
      "local config = assert(json.decode('{\"a\":'))",
      "1: expected a value, not the end at byte 6 (1:6) in a"),
    Wrong("json.encode { f = print }", "1: f: a function has no JSON form"),
    Wrong("hash.sha256()", "1: hash.sha256 takes a text, not nil"),
    Wrong(
      "every('10s', { name = json.null }, print)", "1: option \"name\" must be a string, not null"),
    Wrong(
      "cancel()", "1: cancel is not a function: write `return cancel` at the end of a callback"),
  ]

  static let running = [
    Wrong("emit('job.x')", "events \"job.*\" are published by the host; choose another name"),
    Wrong("emit('run.x.y')", "events \"run.*\" are published by the host; choose another name"),
    Wrong("emit('script.x')", "events \"script.*\" are published by the host; choose another name"),
    Wrong(
      "emit('scheduler.x')", "events \"scheduler.*\" are published by the host; choose another name"
    ),
    Wrong(
      "emit('a.*')",
      "\"a.*\" is not the name of an event: names are parts with dots between, without spaces, * or |"
    ),
    Wrong("emit()", "the name of an event must be a string, not nil"),
    Wrong("emit('a', { cb = print })", "payload.cb: a function cannot leave its script"),
    Wrong(
      "emit('a', { list = { 1, { cb = run } } })",
      "payload.list[2].cb: a userdata cannot leave its script"),
    Wrong(
      "emit('a', { j = { run.job } })", "payload.j[1]: a job cannot leave its script; send its name"
    ),
    Wrong(
      "local t = { u = {} } t.u.t = t emit('a', t)",
      "payload.u.t: a table that contains itself cannot be copied"),
    Wrong(
      "emit('a', ('x'):rep(2^20))", "payload: larger than 1048576 bytes"),
    Wrong(
      "local t = {} for _ = 1, 70 do t = { t } end emit('a', t)",
      "payload" + String(repeating: "[1]", count: 64) + ": nested deeper than 64 tables"),
    Wrong(
      "wait('a', 'soon')", "the timeout: \"soon\" has no number at column 1"),
    Wrong("wait('a..b')", "event pattern \"a..b\": it has an empty part"),
    Wrong("sleep()", "sleep must be a duration like \"10s\" or a number of seconds, not nil"),
    Wrong("sleep(-1)", "sleep: -1 seconds is negative; a duration is more than zero"),
    Wrong(
      "run.job.pause()",
      "call it with a colon, as in j:pause(); its first argument is nil, not a job"),
    Wrong(
      "run.job:trigger { f = print }", "args.f: a function cannot leave its script"),
    Wrong("run.job:trigger(run.job)", "args: a job cannot leave its script; send its name"),
    Wrong(
      "every('1s', { name = 'after 1s' }, print)",
      "the name \"after 1s\" is taken by the job at a.lua:1; give one of them another name; to let that job run again: jobs[\"after 1s\"]:reschedule(after(\"1h\"))"
    ),
    Wrong(
      "after('1s', { name = run.job.name }, print)",
      "the name \"after 1s\" is taken by the job at a.lua:1; give one of them another name; to let that job run again: jobs[\"after 1s\"]:reschedule(after(\"1h\"))"
    ),
    Wrong(
      "job('j', { run = print })",
      "the name \"j\" is taken by the job at a.lua:1; give one of them another name; to let that job run again: jobs[\"j\"]:reschedule(after(\"1h\"))"
    ),
  ]
}
