import Testing

/// Mistakes of users: each has a message that says what to do, and an exit code.
@Suite struct UsageTests {
  @Test func `--version tells the version, and that of Lua`() throws {
    let outcome = try moonwheel("--version")
    #expect(outcome.code == 0)
    #expect(outcome.output.wholeMatch(of: /moonwheel \d+\.\d+\.\d+, Lua 5\.4\.\d+\n/) != nil)
  }

  @Test(arguments: [
    (["run"], 64, "Missing expected argument"),
    (["run", ".", "--no-watch"], 1, "no scripts in this folder; a script is a file *.lua"),
    (["run", "missing.lua"], 1, "missing.lua: no such script or folder"),
    (["check", "missing"], 1, "missing: no such script or folder"),
    (["list", "."], 1, "no scripts in this folder"),
    (["run", ".", "--tz", "Mars/Phobos"], 64, "--tz: unknown time zone \"Mars/Phobos\""),
    (["check", ".", "--tz", "Europe/Berlim"], 64, "--tz: unknown time zone \"Europe/Berlim\""),
    (["run", ".", "--slice", "soon"], 64, "--slice: \"soon\""),
    (["run", ".", "--slice", "1us"], 64, "--slice: must be from 100us to 1s, not \"1us\""),
    (["run", ".", "--slice", "2s"], 64, "--slice: must be from 100us to 1s, not \"2s\""),
    (["run", ".", "--memory", "much"], 64, "--memory: must be a size as in 512M or 2G"),
    (["run", ".", "--memory", "512X"], 64, "--memory: must be a size as in 512M or 2G"),
    (["run", ".", "--memory", "9K"], 64, "--memory: must be at least 1M"),
    (["run", ".", "--memory", "99999999999999G"], 64, "--memory: must be at least 1M and fit"),
    (["run", ".", "--workers", "0"], 64, "--workers: must be a whole number from 1 to 1024"),
    (["run", ".", "--workers", "two"], 64, "--workers: must be a whole number from 1 to 1024"),
    (["run", ".", "--log", "xml"], 64, "--log: must be one of pretty, json, not \"xml\""),
    (["run", ".", "--for", "0"], 64, "--for: \"0\" is no time at all"),
    (["run", ".", "--log-events", "a..b"], 64, "--log-events: event pattern \"a..b\""),
    (["run", ".", "--wokers", "2"], 64, "Did you mean '--workers'?"),
    (["next"], 64, "a trigger is missing"),
    (["next", "every 1s", "--stdin"], 64, "give either a trigger or --stdin"),
    (["next", "every sunset", "--lat", "91", "--lon", "0"], 1, "lat 91.0 is out of range"),
    (["next", "every 1s", "--gap", "x"], 64, "gap must be one of after, shift, skip"),
    (["next", "every 1s", "--from", "noonish"], 64, "noonish"),
    (["next", "every 1s", "-n", "100001"], 64, "n must be from 0 to 100000"),
    (["next", "cron 0 9 * * mun"], 1, "did you mean \"mon\"?"),
    (["next", "*/5 * * * *"], 1, "did you mean \"cron */5 * * * *\"?"),
    (["explain", "cron 0 0 30 2 *"], 1, "never fires"),
    (["explain"], 64, "Missing expected argument '<spec>'"),
    (
      ["frobnicate"], 64,
      "moonwheel: there is no command \"frobnicate\"; there are init, run, check"
    ),
    (["simulat", "."], 64, "there is no command \"simulat\", did you mean \"simulate\"?"),
    (["run", ".", "--for", "10"], 64, "--for: \"10\" has no unit; write \"10s\"\n"),
    (["check", ".", "--nope"], 64, "moonwheel: Unknown option '--nope'"),
    (["init"], 64, "Missing expected argument '<path>'"),
    (["init", ""], 64, "name the folder: init FOLDER"),
  ])
  func `a mistake has a message and an exit code`(
    arguments: [String], code: Int32, message: String
  ) throws {
    let folder = try ScriptFolder()
    let process = try MoonwheelProcess(arguments, in: folder)
    #expect(try process.exit() == code)
    #expect(process.text(.log).contains(message), "\(process.text(.log))")
    #expect(process.text(.output).isEmpty)
  }

  @Test(arguments: [
    ("MOONWHEEL_LOG", "xml", "MOONWHEEL_LOG: must be one of pretty, json, not \"xml\""),
    ("MOONWHEEL_SLICE", "soon", "MOONWHEEL_SLICE: "),
    ("MOONWHEEL_MEMORY", "much", "MOONWHEEL_MEMORY: "),
    ("MOONWHEEL_WORKERS", "-1", "MOONWHEEL_WORKERS: "),
    ("MOONWHEEL_TZ", "Mars", "MOONWHEEL_TZ: unknown time zone \"Mars\""),
    ("MOONWHEEL_SHUTDOWN_TIMEOUT", "x", "MOONWHEEL_SHUTDOWN_TIMEOUT: "),
  ])
  func `a mistake in a variable has its name in the message`(
    name: String, value: String, message: String
  ) throws {
    let folder = try ScriptFolder(["a.lua": ""])
    let outcome = try moonwheel("run", ".", in: folder, environment: [name: value])
    #expect(outcome.code == 64)
    #expect(outcome.log.contains(message), "\(outcome.log)")
  }

  @Test func `a flag overrides its variable`() throws {
    let folder = try ScriptFolder(["a.lua": "every('10ms', function() print('beat') end)"])
    let outcome = try moonwheel(
      "run", ".", "--for", "300ms", in: folder,
      environment: ["MOONWHEEL_FOR": "1h", "MOONWHEEL_MEMORY": "256m", "MOONWHEEL_SLICE": "1ms"])
    #expect(outcome.code == 0)
    #expect(outcome.log.contains("beat"))
  }

  @Test func `a broken script is logged, and a good one beside it is served`() throws {
    let folder = try ScriptFolder([
      "bad.lua": "every('1s', fucntion() end)",
      "good.lua": "every('20ms', function() print('beat') end)",
    ])
    let outcome = try moonwheel("run", ".", "--for", "500ms", in: folder)
    #expect(outcome.code == 0)
    #expect(outcome.log.contains("ERROR bad.lua  bad.lua:1:"))
    #expect(outcome.log.contains("good.lua/every 20ms  beat"))
  }
}
