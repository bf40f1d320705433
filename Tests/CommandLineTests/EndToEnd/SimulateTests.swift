import Testing

/// `simulate`, as a user sees it.
@Suite struct SimulateTests {
  private static let berlin = ["--tz", "Europe/Berlin"]

  private static let mixed = [
    "mixed.lua": """
    every("1h", { name = "flaky", retry = { max = 2, from = "10s" } }, function(run)
      if run.attempt < 2 then error("boom") end
      return { n = run.n, chance = math.random(1000) }
    end)
    every("10m", { name = "slow" }, function() sleep("15m") end)
    every("20 to 40 minutes", { name = "drawn" }, function(run)
      log.warn("drawn", { n = run.n })
      emit("drawn.now", run.n)
    end)
    on("drawn.*", { name = "handler" }, function(event) print(event.payload) end)
    """
  ]

  // MARK: The trace

  @Test func `the trace has its keys in order`() throws {
    let folder = try ScriptFolder([
      "a.lua": """
      every("1h", { name = "sync", times = 1 }, function(run)
        print("hi")
        emit("a.b", { x = 1 })
        return { ok = true }
      end)
      """
    ])
    let outcome = try moonwheel(
      ["simulate", "a.lua", "--from", "2026-10-24 12:00", "--for", "1h", "--json"] + Self.berlin,
      in: folder)
    #expect(outcome.code == 0 && outcome.log.isEmpty)
    let one = #""t":"2026-10-24T12:00:00+02:00""#
    let two = #""t":"2026-10-24T13:00:00+02:00""#
    let run = #""run":"D1DND5J000001""#
    let job = #""script":"a.lua","job":"sync""#
    #expect(
      outcome.lines == [
        #"{\#(one),"event":"script.loaded","script":"a.lua","job":null,"run":null,"scheduled_at":null,"reason":null,"jobs":1}"#,
        #"{\#(one),"event":"job.added",\#(job),"run":null,"scheduled_at":null,"reason":null}"#,
        #"{\#(one),"event":"scheduler.started","script":null,"job":null,"run":null,"scheduled_at":null,"reason":null}"#,
        #"{\#(two),"event":"job.finished",\#(job),"run":null,"scheduled_at":null,"reason":"it has fired once"}"#,
        #"{\#(two),"event":"run.started",\#(job),\#(run),"scheduled_at":"2026-10-24T13:00:00+02:00","reason":null}"#,
        #"{\#(two),"event":"log",\#(job),\#(run),"scheduled_at":null,"reason":null,"level":"info","message":"hi"}"#,
        #"{\#(two),"event":"emit","script":"a.lua","job":null,"run":null,"scheduled_at":null,"reason":null,"name":"a.b","payload":{"x":1}}"#,
        #"{\#(two),"event":"run.succeeded",\#(job),\#(run),"scheduled_at":"2026-10-24T13:00:00+02:00","reason":null,"result":{"ok":true}}"#,
      ], "\(outcome.output)")
  }

  @Test func `the same seed gives the same bytes, another seed does not`() throws {
    let folder = try ScriptFolder(Self.mixed)
    let flags = ["simulate", ".", "--from", "2026-10-24 12:00", "--for", "2d", "--json"]
    let first = try moonwheel(flags, in: folder)
    #expect(first.code == 0 && first.lines.count > 500)
    #expect(try moonwheel(flags, in: folder).output == first.output)
    #expect(try moonwheel(flags + ["--seed", "2"], in: folder).output != first.output)
  }

  // MARK: Clock changes

  /// The local time and the offset of each start.
  private static func starts(_ script: String, from: String, length: String) throws -> [String] {
    let folder = try ScriptFolder(["a.lua": script])
    let outcome = try moonwheel(
      ["simulate", ".", "--from", from, "--for", length, "--json"] + berlin, in: folder)
    #expect(outcome.code == 0, "\(outcome.log)")
    return outcome.lines.filter { $0.contains("run.started") }.map {
      String($0.dropFirst(#"{"t":"2026-10-25T"#.count).prefix("02:30:00+02:00".count))
    }
  }

  @Test(
    arguments: [
      // In autumn 02:00 to 03:00 comes twice: a fixed time fires once, a wildcard in both passes.
      ("30 2 * * *", "2026-10-25 00:00", ["02:30:00+02:00"]),
      (
        "*/30 2 * * *", "2026-10-25 00:00",
        ["02:00:00+02:00", "02:30:00+02:00", "02:00:00+01:00", "02:30:00+01:00"]
      ),
      (
        "30 * * * *", "2026-10-25 01:00",
        ["01:30:00+02:00", "02:30:00+02:00", "02:30:00+01:00", "03:30:00+01:00", "04:30:00+01:00"]
      ),
      // In spring it does not come: a fixed time fires after the gap, a wildcard not at all.
      ("30 2 * * *", "2027-03-28 00:00", ["03:00:00+02:00"]),
      ("*/30 2 * * *", "2027-03-28 00:00", []),
      (
        "30 * * * *", "2027-03-28 00:00",
        ["00:30:00+01:00", "01:30:00+01:00", "03:30:00+02:00", "04:30:00+02:00", "05:30:00+02:00"]
      ),
    ] as [(String, String, [String])])
  func `the simulated clocks change as the real ones`(
    cron: String, from: String, fires: [String]
  ) throws {
    let script = "cron('\(cron)', { name = 'job' }, function() end)"
    #expect(try Self.starts(script, from: from, length: "5h") == fires)
  }

  @Test func `an outage interrupts runs, and jobs catch up after it`() throws {
    let folder = try ScriptFolder([
      "a.lua": """
      every("10m", { name = "all", catchup = "all" }, function(run) return run.scheduled_at end)
      every("1h", { name = "none", catchup = "none" }, function() end)
      every("25m", { name = "long" }, function() sleep("20m") end)
      """
    ])
    let outcome = try moonwheel(
      [
        "simulate", ".", "--from", "2026-06-01 00:00", "--for", "2h", "--json", "--outage",
        "2026-06-01 00:35/1h",
      ] + Self.berlin, in: folder)
    #expect(outcome.code == 0)
    let times = Self.times(outcome)
    #expect(times(#""event":"outage.began""#) == ["00:35:00"])
    #expect(times(#""event":"outage.ended""#) == ["01:35:00"])
    #expect(
      times(#""job":"long","run":"# + "\"").count { $0 == "01:35:00" } == 3, "\(outcome.output)")
    #expect(outcome.output.contains(#""error":"the host ended while it ran""#))
    #expect(
      times(#""run.started","script":"a.lua","job":"all""#) == [
        "00:10:00", "00:20:00", "00:30:00", "01:35:00", "01:35:00", "01:35:00", "01:35:00",
        "01:35:00", "01:35:00", "01:40:00", "01:50:00", "02:00:00",
      ])
    #expect(times(#""run.missed","script":"a.lua","job":"none""#) == ["01:35:00"])
    #expect(times(#""run.started","script":"a.lua","job":"none""#) == ["02:00:00"])
  }

  @Test func `a step of the clock moves only calendar triggers`() throws {
    let folder = try ScriptFolder([
      "a.lua": """
      every("20m", { name = "period" }, function() end)
      cron("50 * * * *", { name = "calendar" }, function() end)
      """
    ])
    let outcome = try moonwheel(
      [
        "simulate", ".", "--from", "2026-06-01 00:00", "--for", "2h", "--json", "--clock-step",
        "2026-06-01 00:30/+15m", "--clock-step", "2026-06-01 01:30/-15m",
      ] + Self.berlin, in: folder)
    #expect(outcome.code == 0)
    let times = Self.times(outcome)
    #expect(times("clock_stepped") == ["00:45:00", "01:15:00"])
    #expect(times(#""run.started","script":"a.lua","job":"calendar""#) == ["00:50:00", "01:50:00"])
    #expect(
      times(#""run.started","script":"a.lua","job":"period""#) == [
        "00:20:00", "00:55:00", "01:15:00", "01:20:00", "01:40:00", "02:00:00",
      ])
  }

  private static func times(_ outcome: Outcome) -> (String) -> [String] {
    { part in
      outcome.lines.filter { $0.contains(part) }.map {
        String($0.dropFirst(#"{"t":"2026-06-01T"#.count).prefix(8))
      }
    }
  }

  // MARK: Without callbacks

  @Test func `dry lists every fire and runs no callback`() throws {
    let folder = try ScriptFolder([
      "a.lua": """
      every("30m", { name = "loud", retry = 3, on_success = function() print("hook") end },
        function() print("ran") emit("a.b") error("no") end)
      on("a.b", { name = "handler" }, function() end)
      job("private", { isolate = "run", on = every("1h"), run = function() while true do end end })
      """
    ])
    let flags = ["simulate", ".", "--from", "2026-06-01 00:00", "--for", "1h", "--dry"]
    let outcome = try moonwheel(flags, in: folder)
    #expect(outcome.code == 0 && outcome.log.isEmpty)
    #expect(
      outcome.lines == [
        "2026-06-01T00:30:00+00:00  a.lua:loud", "2026-06-01T01:00:00+00:00  a.lua:private",
        "2026-06-01T01:00:00+00:00  a.lua:loud",
        "3 fires of 3 jobs until 2026-06-01T01:00:00+00:00",
      ])
    let trace = try moonwheel(flags + ["--json"], in: folder)
    #expect(trace.lines.count { $0.contains("run.succeeded") } == 3)
    #expect(!trace.output.contains("\"log\"") && !trace.output.contains("run.failed"))
  }

  @Test func `dry lists outages and the fires that they miss`() throws {
    let folder = try ScriptFolder(["a.lua": "every('10m', { catchup = 'none' }, print)"])
    let outcome = try moonwheel(
      "simulate", ".", "--from", "2026-06-01 00:00", "--for", "40m", "--dry", "--outage",
      "00:15/20m", in: folder)
    #expect(
      outcome.lines == [
        "2026-06-01T00:10:00+00:00  a.lua:every 10m", "2026-06-01T00:15:00+00:00  the host is down",
        "2026-06-01T00:35:00+00:00  the host is up again",
        "2026-06-01T00:35:00+00:00  a.lua:every 10m  2 missed: the host was down",
        "2026-06-01T00:40:00+00:00  a.lua:every 10m",
        "4 fires of 1 job until 2026-06-01T00:40:00+00:00",
      ])
  }

  // MARK: Summary

  @Test func `without a flag there is a summary`() throws {
    let folder = try ScriptFolder(Self.mixed)
    let flags = ["simulate", ".", "--from", "2026-10-24 12:00", "--for", "1d"] + Self.berlin
    let outcome = try moonwheel(
      flags, in: folder, environment: ["LC_ALL": "C.UTF-8", "NO_COLOR": ""])
    #expect(outcome.code == 0 && outcome.log.isEmpty)
    let text = outcome.output
    #expect(
      text.hasPrefix(
        "2026-10-24T12:00:00+02:00 to 2026-10-25T11:00:00+01:00, Europe/Berlin\n1 script, 4 jobs, ")
    )
    #expect(text.contains("mixed.lua:flaky       24    24       -       24"), "\(text)")
    #expect(text.contains("skipped: the previous run is still going"))
    #expect(text.contains("Sat  ·· ··") && text.contains("█"), "\(text)")
    #expect(
      text.contains(
        "  24 x mixed.lua:flaky, first at 2026-10-24T13:00:00+02:00\n      mixed.lua:2: boom"))
    #expect(outcome.lines.allSatisfy { $0.count <= 100 })
    let ascii = try moonwheel(
      flags, in: folder, environment: ["LC_ALL": "C.UTF-8", "NO_COLOR": "1"])
    #expect(ascii.output.utf8.allSatisfy { $0 < 0x80 })
    #expect(ascii.output.contains("Sat  .. .."))
  }

  // MARK: Mistakes

  private static let job = ["a.lua": "every('10m', { name = 'a' }, function() end)"]

  @Test(
    arguments: [
      (["--for", "soon"], 64, "--for: \"soon\""),
      (
        ["--for", "100000d"], 64,
        "--for: \"100000d\" from 2026-06-01T00:00:00+00:00 ends after the year 2261"
      ),
      (["--seed", "x"], 64, "--seed: must be a whole number from 0 to"),
      (["--from", "noonish"], 64, "noonish"),
      (["--from", "2300-01-01"], 64, "it is outside of the years 1678 to 2261"),
      (["--tz", "Mars"], 64, "--tz: unknown time zone \"Mars\""),
      (
        ["--outage", "1h"], 64,
        "--outage: must be a time and a duration, as in \"2026-10-25 02:10/1h\", not \"1h\""
      ),
      (["--outage", "/1h"], 64, "--outage: must be a time and a duration"),
      (["--outage", "02:10/-1h"], 64, "--outage: "),
      (
        ["--outage", "2025-01-01 00:00/1h"], 64,
        "--outage: 2025-01-01T00:00:00+00:00 is not in the simulated time, which goes from 2026-06-01T00:00:00+00:00 to 2026-06-02T00:00:00+00:00"
      ),
      (
        ["--clock-step", "2026-07-01 00:00/1h"], 64,
        "--clock-step: 2026-07-01T00:00:00+00:00 is not in the simulated time"
      ),
      (
        ["--clock-step", "12:00"], 64,
        "--clock-step: must be a time and a duration, as in \"2026-10-25 12:00/+30m\""
      ),
      (["--clock-step", "12:00/0"], 64, "--clock-step: \"0\" is no time at all"),
    ] as [([String], Int32, String)])
  func `a mistake has a message that says what to write`(
    flags: [String], code: Int32, message: String
  ) throws {
    let folder = try ScriptFolder(Self.job)
    let start = flags.contains("--from") ? [] : ["--from", "2026-06-01 00:00"]
    let outcome = try moonwheel(["simulate", "."] + start + flags, in: folder)
    #expect(outcome.code == code)
    #expect(outcome.log.contains(message), "\(outcome.log)")
    #expect(outcome.output.isEmpty)
  }

  @Test(arguments: [
    ("MOONWHEEL_FOR", "soon", "MOONWHEEL_FOR: "), ("MOONWHEEL_SEED", "x", "MOONWHEEL_SEED: "),
    ("MOONWHEEL_FROM", "x", "MOONWHEEL_FROM \"x\""),
    ("MOONWHEEL_OUTAGE", "00:10/1m,x", "MOONWHEEL_OUTAGE: must be a time and a duration"),
    ("MOONWHEEL_CLOCK_STEP", "00:10/x", "MOONWHEEL_CLOCK_STEP: \"x\""),
  ])
  func `a mistake in a variable has its name in the message`(
    name: String, value: String, message: String
  ) throws {
    let folder = try ScriptFolder(Self.job)
    let outcome = try moonwheel("simulate", ".", in: folder, environment: [name: value])
    #expect(outcome.code == 64)
    #expect(outcome.log.contains(message), "\(outcome.log)")
  }

  @Test func `each flag has a variable, and overrides it`() throws {
    let folder = try ScriptFolder(Self.job)
    let variables = [
      "MOONWHEEL_FROM": "2026-06-01 00:00", "MOONWHEEL_FOR": "1h", "MOONWHEEL_DRY": "1",
      "MOONWHEEL_OUTAGE": "00:05/3m,00:15/3m", "MOONWHEEL_CLOCK_STEP": "00:25/1m,00:35/1m",
    ]
    let outcome = try moonwheel("simulate", ".", in: folder, environment: variables)
    #expect(outcome.lines.count { $0.hasSuffix("the host is down") } == 2, "\(outcome.output)")
    #expect(outcome.lines.count { $0.hasSuffix("the clock was set") } == 2)
    #expect(outcome.lines.last == "6 fires of 1 job until 2026-06-01T01:02:00+00:00")
    let flags = try moonwheel(
      "simulate", ".", "--for", "20m", "--outage", "00:01/1m", in: folder,
      environment: variables.merging(["MOONWHEEL_CLOCK_STEP": ""]) { _, new in new })
    #expect(flags.lines.count { $0.hasSuffix("the host is down") } == 1)
    #expect(flags.lines.last == "2 fires of 1 job until 2026-06-01T00:20:00+00:00")
    let json = try moonwheel(
      "simulate", ".", in: folder,
      environment: variables.merging(["MOONWHEEL_JSON": "1"]) { _, new in new })
    #expect(json.lines.allSatisfy { $0.hasPrefix("{\"t\":") })
  }

  @Test(arguments: [
    ([:], "no scripts in this folder; a script is a file *.lua"),
    (["a_test.lua": "every('1s', print)"], "no scripts in this folder; a script is a file *.lua"),
    (["a.lua": "every('1s', print)", "b.lua": "x = = 1"], "moonwheel: b.lua:1:"),
  ])
  func `if a script does not load, nothing is simulated`(
    scripts: [String: String], message: String
  ) throws {
    let folder = try ScriptFolder(scripts)
    for flags in [[], ["--json"], ["--dry"]] {
      let outcome = try moonwheel(["simulate", "."] + flags, in: folder)
      #expect(outcome.code == 1)
      #expect(outcome.log.contains(message), "\(outcome.log)")
      #expect(outcome.output.isEmpty)
    }
  }

  @Test func `a reader that closes the pipe ends it without a message`() throws {
    let folder = try ScriptFolder(["a.lua": "every('1s', function() end)"])
    let program = try BuiltProgram.path()
    let shell = try MoonwheelProcess(
      program: "bash",
      ["-c", "set -o pipefail; '\(program)' simulate . --for 1d --json | head -1"], in: folder)
    #expect(try shell.exit() == 141)
    #expect(shell.text(.output).split(separator: "\n").count == 1)
    #expect(shell.text(.log).isEmpty)
  }
}
