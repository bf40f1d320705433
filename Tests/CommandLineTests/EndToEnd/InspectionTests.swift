import Testing

/// `check`, `list`, `next` and `explain`.
@Suite struct InspectionTests {
  private static let scripts = [
    "a.lua": """
    every("10s", { name = "sync", tags = { "net" }, timeout = "30s", overlap = "queue" }, print)
    cron("0 9 * * mon-fri", { tz = "Europe/Berlin" }, print)
    """,
    "b.lua": "on('order.*', { name = 'orders' }, print)",
  ]

  // MARK: check, list

  @Test func `check shows each job in words`() throws {
    let folder = try ScriptFolder(Self.scripts)
    let outcome = try moonwheel("check", ".", in: folder)
    #expect(outcome.code == 0)
    #expect(outcome.log.isEmpty)
    let lines = outcome.lines
    try #require(lines.count == 6)
    #expect(lines[0] == "a.lua")
    #expect(lines[1].hasPrefix("  sync                  every 10 seconds; next 20"))
    #expect(lines[2].contains("At 09:00 on weekdays, Berlin time; next 20"))
    #expect(lines[3...4] == ["b.lua", "  orders  on the event order.*"])
    #expect(lines[5] == "2 scripts, 3 jobs, no errors")
  }

  @Test func `check tells every error with its place and goes on`() throws {
    let folder = try ScriptFolder(
      Self.scripts.merging([
        "c.lua": "every('10s', { overlop = 'skip' }, print)",
        "d.lua": "x = = 1",
        "e.lua": "cron('0 9 * * mun', print)",
      ]) { old, _ in old })
    let outcome = try moonwheel("check", ".", in: folder)
    #expect(outcome.code == 1)
    #expect(outcome.lines.last == "5 scripts, 3 jobs, 3 errors")
    #expect(outcome.log.contains("error: c.lua:1:"))
    #expect(outcome.log.contains("did you mean \"overlap\"?"))
    #expect(outcome.log.contains("error: d.lua:1:"))
    #expect(outcome.log.contains("error: e.lua:1:"))
  }

  @Test func `check warns of what looks like a mistake`() throws {
    let folder = try ScriptFolder(["a.lua": "\ncron('0 0 */2 * mon', print)"])
    let outcome = try moonwheel("check", ".", in: folder)
    #expect(outcome.code == 0)
    #expect(outcome.log.contains("warning: a.lua:2: a day must match both day fields"))
    #expect(outcome.lines.last == "1 script, 1 job, no errors, 1 warning")
  }

  @Test func `check runs nothing`() throws {
    let folder = try ScriptFolder([
      "a.lua": "every('1ms', { now = true }, function() print('ran') end)"
    ])
    let outcome = try moonwheel("check", ".", in: folder)
    #expect(outcome.code == 0)
    #expect(!(outcome.output + outcome.log).contains("ran"))
  }

  @Test func `list gives a job a line`() throws {
    let folder = try ScriptFolder(Self.scripts)
    let outcome = try moonwheel("list", ".", in: folder)
    #expect(outcome.code == 0)
    #expect(outcome.lines.count == 3)
    #expect(outcome.lines[0].hasPrefix("a.lua:1\tsync\tevery 10 seconds; next "))
  }

  @Test func `list as JSON has stable keys`() throws {
    let folder = try ScriptFolder(Self.scripts)
    let outcome = try moonwheel("list", ".", "--json", in: folder)
    #expect(outcome.code == 0)
    let text = outcome.output
    #expect(
      text.hasPrefix(
        #"[{"script":"a.lua","line":1,"name":"sync","trigger":"every 10s","words":"every 10 seconds","tz":null,"next":""#
      ))
    #expect(
      text.contains(#""tags":["net"],"options":{"overlap":"queue","timeout":"30s"}}"#), "\(text)")
    #expect(text.contains(#""trigger":"cron 0 9 * * mon-fri""#))
    #expect(text.contains(#""tz":"Europe/Berlin""#))
    #expect(text.hasSuffix("}]\n"))
  }

  @Test func `list of a broken script fails and still lists the rest`() throws {
    let folder = try ScriptFolder(Self.scripts.merging(["c.lua": "x = = 1"]) { old, _ in old })
    let outcome = try moonwheel("list", ".", in: folder)
    #expect(outcome.code == 1)
    #expect(outcome.lines.count == 3)
    #expect(outcome.log.contains("error: c.lua:1:"))
  }

  // MARK: next, explain

  @Test func `next shows the fires of a trigger`() throws {
    let outcome = try moonwheel(
      "next", "cron 0 2 * * *", "--tz", "Europe/Berlin", "--from", "2026-03-28T12:00:00+01:00",
      "-n", "2")
    #expect(outcome.code == 0)
    #expect(outcome.lines == ["2026-03-29T03:00:00+02:00", "2026-03-30T02:00:00+02:00"])
  }

  @Test func `next answers requests in order, good or bad`() throws {
    let requests = """
      {"spec":"cron 0 2 * * *","tz":"Europe/Berlin","from":"2026-03-28T12:00:00+01:00","n":2}
      {"spec":"cron 61 * * * *"}
      nonsense
      {"spec":"at 2026-12-24T18:00:00Z","from":"2026-01-01T00:00:00Z"}
      {"spec":"every 10s","from":"2026-01-01T00:00:00Z","till":"2026-01-01T00:00:25Z"}
      {"spec":"every 10s","tz":"Mars"}
      """
    let outcome = try moonwheel("next", "--stdin", input: requests)
    #expect(outcome.code == 0)
    let lines = outcome.lines
    try #require(lines.count == 6)
    #expect(lines[0] == #"{"next":["2026-03-29T03:00:00+02:00","2026-03-30T02:00:00+02:00"]}"#)
    #expect(lines[1].hasPrefix(#"{"error":"cron \"61 * * * *\": minute 61 is out of range"#))
    #expect(lines[1].hasSuffix(#""column":1}"#))
    #expect(lines[2].hasPrefix(#"{"error":"not a request: "#))
    #expect(lines[3] == #"{"next":["2026-12-24T18:00:00+00:00"]}"#)
    #expect(lines[4] == #"{"next":["2026-01-01T00:00:10+00:00","2026-01-01T00:00:20+00:00"]}"#)
    #expect(lines[5].contains("unknown time zone"))
  }

  @Test func `explain tells what the change of the clocks does`() throws {
    let outcome = try moonwheel(
      "explain", "cron 30 2 * * *", "--tz", "Europe/Berlin", "--from", "2026-03-01T00:00:00Z",
      "-n", "1")
    #expect(outcome.code == 0)
    #expect(
      outcome.output == """
        At 02:30 every day, Berlin time

        Next fires:
          2026-03-01T02:30:00+01:00

        When the clocks of Europe/Berlin change:
          2026-03-29: the clocks go forward from 02:00 to 03:00; 02:30 does not exist and fires at 03:00
            fires at 2026-03-29T03:00:00+02:00
          2026-10-25: the clocks go back from 03:00 to 02:00; 02:30 comes twice and fires the first time only
            fires at 2026-10-25T02:30:00+02:00

        """)
  }

  @Test(arguments: [
    ("every 10s", "It counts elapsed time"),
    ("cron 0 9 * * *", "The clocks of Asia/Tokyo do not change."),
    ("cron 0 0 */2 * mon", "Note: a day must match both day fields"),
    ("at 2020-01-01 10:00", "It does not fire any more."),
  ])
  func `explain says what is particular`(spec: String, words: String) throws {
    let outcome = try moonwheel("explain", spec, "--tz", "Asia/Tokyo")
    #expect(outcome.code == 0)
    #expect(outcome.output.contains(words), "\(outcome.output)")
  }
}
