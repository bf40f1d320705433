import SystemCalls
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

  @Test func `check shows every error with its place and goes on`() throws {
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

  @Test func `check shows every bad registration of a script, but no consequences of one`()
    throws
  {
    let folder = try ScriptFolder([
      "a.lua": """
      every("1x", print)
      local spring = cron("0 0 30 2 *")
      job("spring", { on = spring, run = print })
      every("5s", { nam = "q" }, print)
      defaults { bogus = 1 }
      on("x", missing)
      every("5s", { name = "q" }, print)
      every("6s", { name = "q" }, print)
      for i = 1, 3 do every("7x", print) end
      local x = nil + 1
      every("8x", print)
      """
    ])
    let outcome = try moonwheel("check", ".", in: folder)
    #expect(outcome.code == 1)
    let errors = outcome.log.split(separator: "\n").filter { $0.hasPrefix("error: a.lua:") }
    let lines = errors.compactMap {
      $0.split(separator: ":").dropFirst(2).first.flatMap { Int($0) }
    }
    #expect(lines == [1, 2, 4, 5, 6, 8, 9, 10], "\(outcome.log)")
    #expect(outcome.lines.last == "1 script, 0 jobs, 8 errors")
  }

  @Test(arguments: [["check", "."], ["list", "."], ["test", "."], ["exec", ".", "no"]])
  func `no control character of a script reaches the terminal`(arguments: [String]) throws {
    let folder = try ScriptFolder([
      "a.lua": """
      every("10s", { name = "a\\27[31m\\n\\u{202e}b" }, print)
      on("x", { name = "c\\7" }, print)
      test("t\\27]0;x\\7", function() error("e\\27[2J") end)
      """,
      "b.lua": "error('d\\27[2J')",
    ])
    let outcome = try moonwheel(arguments, in: folder)
    let controls = (outcome.output + outcome.log).unicodeScalars.filter {
      $0.value < 32 && $0 != "\n" && $0 != "\t" || $0.value == 0x202e
    }
    #expect(controls.isEmpty, "\(outcome.output)\(outcome.log)")
    #expect((outcome.output + outcome.log).contains("\\u{1b}"))
  }

  @Test func `check does not repeat words that are the name of a job`() throws {
    let folder = try ScriptFolder([
      "a.lua": "every('10 minutes', print) job('on demand', { run = print })"
    ])
    let lines = try moonwheel("check", ".", in: folder).lines
    #expect(lines[1].hasPrefix("  every 10 minutes  next 20"))
    #expect(lines[2] == "  on demand         when triggered")
  }

  // MARK: Encodings

  @Test func `a byte order mark and a first line for the shell are skipped`() throws {
    let mark = "\u{feff}"
    let folder = try ScriptFolder([
      "a.lua": mark + "every('1s', require 'm')\nnope()", "b.lua": "#!/usr/bin/moonwheel\nnope()",
      "c.lua": mark + "#!/x\n\nnope()", "d.lua": "#", "e.lua": mark,
      "f_test.lua": mark + "#!/x\ntest('t', function() nope() end)",
    ])
    try folder.makeFolder("lib")
    try folder.write("m.lua", mark + "#!/x\nreturn print", in: "lib")
    let outcome = try moonwheel("check", ".", in: folder)
    for place in ["a.lua:2:", "b.lua:2:", "c.lua:3:"] {
      #expect(outcome.log.contains("error: \(place) attempt to call a nil value"), "\(outcome.log)")
    }
    #expect(outcome.lines.last == "5 scripts, 0 jobs, 3 errors")
    #expect(try moonwheel("test", ".", in: folder).output.contains("f_test.lua:2: attempt to call"))
  }

  @Test(arguments: [
    ("x = 1\nprint(“hello”)", "a.lua:2: “ (U+201C) at column 7 is a typographic quote: write \""),
    ("print(\"hello”)", "a.lua:1: ” (U+201D) at column 13 is a typographic quote: write \""),
    ("print(‘hello’)", "‘ (U+2018) at column 7 is a typographic quote: write '"),
    ("every('1s',\u{a0}print)", "U+00A0 at column 12 is no ordinary space: write one"),
    ("x = 1\u{200b}", "U+200B at column 6 is an invisible character: delete it"),
    ("x = 'é' -- é\nx = 2 – 1", "a.lua:2: – (U+2013) at column 7 is a typographic sign: write -"),
    ("x = 1\0", "U+0000 at column 6 is a NUL byte"), ("x\u{1}=1", "is a control character"),
    ("größe = 1", "ö (U+00F6) at column 3 is no part of Lua: names have letters a to z"),
    ("x\0\0=\0 \01\0", "the text is UTF-16 or UTF-32, and a script is UTF-8: save it as UTF-8"),
    ("x = 5（1）", "（ (U+FF08) at column 6 is a character of full width: write ("),
    ("x = 'é' = 5", "a.lua:1: unexpected symbol near '='"),
  ])
  func `a character that is no part of Lua is named, with what to write`(
    text: String, message: String
  ) throws {
    let folder = try ScriptFolder(["a.lua": text, "b.lua": "require 'm'"])
    try folder.makeFolder("lib")
    try folder.write("m.lua", text, in: "lib")
    let outcome = try moonwheel("check", ".", in: folder)
    let errors = outcome.log.split(separator: "\n").filter { $0.contains(message) }
    #expect(errors.first?.hasPrefix("error: a.lua:") == true, "\(outcome.log)")
    let module = message.replacing("a.lua", with: "lib/m.lua")
    #expect(outcome.log.contains(module), "\(outcome.log)")
  }

  @Test func `a string that is not UTF-8 is called that`() throws {
    let folder = try ScriptFolder(["a.lua": "every('1s', { name = 'caf\\xe9' }, print)"])
    let outcome = try moonwheel("check", ".", in: folder)
    #expect(
      outcome.log.contains("option \"name\" must be a string, not a string that is not UTF-8"))
  }

  // MARK: Unknown names

  private static let misspelt = [
    "a.lua": """
    local util = require "util"
    local config = { url = "x" }
    every("10s", { name = "a" }, function()
      print(cofnig.url)
      os.execute("ls")
      sql.open("x")
      local n = string.formt("%d", 1)
      helper()
      shop.price("x")
      require("later").go(set_in_module, defined, DEBUG and 1)
      defined = 1
    end)
    local function helper() end
    test("t", function(sim) expect(1):equals(1) end)
    """,
    "lib/util.lua": "local M = {}\nfunction M.go(x) return frobnicate(x) end\nreturn M",
    "lib/later.lua": "function f() set_in_module = 1 os.exit() end",
  ]

  private static let warnings = [
    "a.lua:4: nothing sets the global \"cofnig\"; did you mean \"config\"?",
    "a.lua:5: os.execute is not available to scripts; there are os.time, os.date, os.clock and os.difftime",
    "a.lua:6: 'sql' is not there yet in this version of Moonwheel",
    "a.lua:7: there is no string.formt; did you mean \"format\"?",
    "a.lua:8: nothing sets the global \"helper\": the local of this name (line 13) is not visible here",
    "a.lua:9: nothing sets the global \"shop\"",
    "lib/later.lua:1: os.exit is not available to scripts; there are os.time, os.date, os.clock and os.difftime",
    "lib/util.lua:2: nothing sets the global \"frobnicate\"",
  ]

  @Test func `check warns of globals and fields that nothing sets, in callbacks and modules`()
    throws
  {
    let folder = try ScriptFolder()
    try folder.makeFolder("lib")
    for (path, text) in Self.misspelt {
      let parts = path.split(separator: "/").map(String.init)
      try folder.write(parts.last ?? "", text, in: parts.count > 1 ? "lib" : ".")
    }
    let outcome = try moonwheel("check", ".", in: folder)
    #expect(outcome.code == 0)
    #expect(
      outcome.log.split(separator: "\n").map(String.init).sorted()
        == Self.warnings.map { "warning: " + $0 })
    #expect(outcome.lines.last == "1 script, 1 job, no errors, 8 warnings")
    #expect(try moonwheel("check", "--strict", ".", in: folder).code == 1)
  }

  @Test func `check --given knows the functions of an embedding program`() throws {
    let folder = try ScriptFolder([
      "a.lua": "local price = shop.price every('1s', function() greet(shop.price(1)) end)"
    ])
    #expect(try moonwheel("check", ".", in: folder).code == 1)
    let outcome = try moonwheel("check", "--strict", "--given", "greet,shop.price", ".", in: folder)
    #expect(outcome.code == 0, "\(outcome.log)")
    #expect(try moonwheel("check", "--given", "print", ".", in: folder).code == 64)
  }

  @Test(arguments: [
    "if foo then foo.x() end", "local x = foo and foo.x",
    "if type(foo) == 'table' then foo.x() end",
    "if rawget(_G, 'foo') then foo() end", "_G['f' .. 'oo'] = 1 foo()", "load('foo = 1')() foo()",
    "local _ENV = { print = print } foo()", "string.trim = print string.trim()", "foo = foo or 1",
    "for k, v in pairs(_G) do print(k, v) end", "local unpack = unpack or table.unpack",
    "local s = ('x'):rep(3) goto done ::done::",
  ])
  func `a text that sets or tests a global gets no warning`(text: String) throws {
    let script = "every('1s', function() \(text) end)"
    let folder = try ScriptFolder(["a.lua": script, "b.lua": text])
    let outcome = try moonwheel("check", "--strict", "a.lua", in: folder)
    #expect(outcome.code == 0, "\(outcome.log)")
  }

  @Test func `the search for unknown names calls no function of the script`() throws {
    let folder = try ScriptFolder([
      "a.lua": """
      setmetatable(string, { __index = function(_, key) print("called", key) every("1s", print) end })
      every("1s", function() string.nope() end)
      """
    ])
    let outcome = try moonwheel("check", ".", in: folder)
    #expect(outcome.lines.last == "1 script, 1 job, no errors, 1 warning", "\(outcome.log)")
    let host = try moonwheel("run", ".", "--store", "memory", "--for", "100ms", in: folder)
    #expect(host.code == 0 && !host.log.contains("called"), "\(host.log)")
  }

  @Test func `very many unknown names do not hold up a load`() throws {
    func names(_ prefix: String, _ count: Int) -> [String] {
      (10_000..<10_000 + count).map { prefix + String($0) + String(repeating: "n", count: 50) }
    }
    let locals = names("a", 3_000)
    let blocks = stride(from: 0, to: locals.count, by: 100).map {
      "do local " + locals[$0..<$0 + 100].joined(separator: ",") + " end"
    }
    let lines = blocks + ["local t = {" + names("b", 2_000).joined(separator: ",") + "}"]
    let folder = try ScriptFolder([
      "a.lua": "every('1s', function()\n\(lines.joined(separator: "\n")) end)"
    ])
    let begun = Clocks.monotonic()
    let outcome = try moonwheel("check", ".", in: folder)
    #expect(outcome.lines.last == "1 script, 1 job, no errors, 1 warning", "\(outcome.log)")
    #expect(Clocks.monotonic() - begun < 10_000_000_000)
  }

  @Test func `no example for small servers has an unknown name`() throws {
    let root = #filePath.split(separator: "/").dropLast(4).map { "/" + $0 }.joined()
    let outcome = try moonwheel("check", "--allow-asked", root + "/Examples/Scripts")
    #expect(outcome.code == 0, "\(outcome.log)")
    #expect(!outcome.log.contains("nothing sets") && !outcome.log.contains("there is no "))
  }

  @Test(arguments: ["scripts", "Tests/Lua/language"])
  func `no script of this repository has an unknown name`(folder: String) throws {
    let root = #filePath.split(separator: "/").dropLast(4).map { "/" + $0 }.joined()
    let outcome = try moonwheel("check", "--strict", root + "/" + folder)
    #expect(outcome.code == 0, "\(outcome.log)")
  }

  /// A registration whose error the script catches is not a mistake.
  @Test func `check ignores a registration that fails in pcall`() throws {
    let folder = try ScriptFolder([
      "a.lua": """
      local ok = pcall(every, "1x", print)
      if not ok then every("1s", { name = "other" }, print) end
      """
    ])
    let outcome = try moonwheel("check", ".", in: folder)
    #expect(outcome.code == 0, "\(outcome.log)")
  }

  @Test func `check warns of a likely mistake`() throws {
    let folder = try ScriptFolder(["a.lua": "\ncron('0 0 */2 * mon', print)"])
    let outcome = try moonwheel("check", ".", in: folder)
    #expect(outcome.code == 0)
    #expect(outcome.log.contains("warning: a.lua:2: a day must match both day fields"))
    #expect(outcome.lines.last == "1 script, 1 job, no errors, 1 warning")
  }

  @Test func `check warns of a trigger word without a function that nothing uses`() throws {
    let folder = try ScriptFolder([
      "a.lua": """
      every("10s")
      local spare = every("20s")
      cron("0 9 * * *",
        { tz = "UTC" })
      if spare then on("x") end
      job("j", { on = spare | cron("0 9 * * *"), run = print })
      every("30s", print)
      for i = 1, 2 do between("09:00", "10:00") end
      """
    ])
    let outcome = try moonwheel("check", ".", in: folder)
    #expect(
      outcome.log == """
        warning: a.lua:1: nothing uses this trigger: give every a function as its last argument
        warning: a.lua:3: nothing uses this trigger: give cron a function as its last argument
        warning: a.lua:5: nothing uses this trigger: give on a function as its last argument
        warning: a.lua:8: nothing uses this trigger: give between a function as its last argument

        """)
    #expect(outcome.code == 0)
  }

  @Test func `check warns of an option under its old name`() throws {
    let folder = try ScriptFolder([
      "a.lua": "\nevery('1s', { overlap = 'queue', queue = 5 }, print)"
    ])
    let outcome = try moonwheel("check", ".", in: folder)
    #expect(outcome.code == 0)
    #expect(
      outcome.log
        == "warning: a.lua:2: the option queue is now called backlog; write backlog = 5\n")
    #expect(outcome.lines.last == "1 script, 1 job, no errors, 1 warning")
  }

  @Test func `check warns of a time that a change of the clocks skips or repeats`() throws {
    let folder = try ScriptFolder([
      "a.lua": """
      at("2127-03-30 02:30", print)
      at("2127-10-26 02:30", print)
      at("2127-10-26 04:30", print)
      """
    ])
    let outcome = try moonwheel("check", ".", "--tz", "Europe/Berlin", in: folder)
    #expect(outcome.code == 0)
    #expect(
      outcome.log == """
        warning: a.lua:1: 02:30 does not exist on 2127-03-30 in Europe/Berlin and fires at 03:00
        warning: a.lua:2: 02:30 comes twice on 2127-10-26 in Europe/Berlin and fires the first time only

        """)
  }

  @Test func `check shows the first fire within the options' bounds, in the zone of the host`()
    throws
  {
    let folder = try ScriptFolder([
      "a.lua": """
      every("1h", { name = "from", from = "2127-06-01 08:00" }, print)
      cron("0 9 * * *", { name = "till", till = "2020-01-01" }, print)
      cron("0 0 0 1 1 * 2020", { name = "years" }, print)
      at("2020-01-01", { name = "past" }, print)
      at("2127-01-01", { name = "paused", paused = true }, print)
      cron("@reboot", { name = "boot" }, print)
      """
    ])
    let outcome = try moonwheel("check", ".", "--tz", "Asia/Kathmandu", in: folder)
    #expect(outcome.code == 0)
    #expect(
      outcome.lines == [
        "a.lua", "  from    every 1 hour; next 2127-06-01T08:00:00+05:45",
        "  till    At 09:00 every day, Kathmandu time; does not fire any more",
        "  years   At 00:00 on the 1st of January in 2020, Kathmandu time; does not fire any more",
        "  past    Once, on Wednesday 2020-01-01 at 00:00, Kathmandu time; does not fire any more",
        "  paused  Once, on Wednesday 2127-01-01 at 00:00, Kathmandu time; paused",
        "  boot    once, at the start of the host", "1 script, 6 jobs, no errors, 2 warnings",
      ])
    #expect(outcome.log.contains("warning: a.lua:2: the job \"till\" never fires again"))
    #expect(outcome.log.contains("warning: a.lua:3: the job \"years\" never fires again"))
  }

  @Test func `check runs nothing`() throws {
    let folder = try ScriptFolder([
      "a.lua": "every('1ms', { now = true }, function() print('ran') end)"
    ])
    let outcome = try moonwheel("check", ".", in: folder)
    #expect(outcome.code == 0)
    #expect(!(outcome.output + outcome.log).contains("ran"))
  }

  @Test func `list has a line for each job`() throws {
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

  @Test func `list shows what scripts hold once they are loaded`() throws {
    let folder = try ScriptFolder([
      "a.lua": "every('1h', { args = { ('x'):rep(1000000) } }, print)",
      "b.lua": "defaults { memory = '8 MiB' } every('1h', print)",
    ])
    let outcome = try moonwheel("list", ".", "--memory", in: folder)
    #expect(outcome.lines.count == 2)
    #expect(outcome.lines[0].hasPrefix("a.lua\tLua heap "))
    #expect(outcome.lines[0].hasSuffix("KiB, of 64.0 MiB"), "\(outcome.output)")
    #expect(outcome.lines[1].hasSuffix("bytes, of 8.0 MiB"), "\(outcome.output)")
    let json = try moonwheel("list", ".", "--memory", "--json", in: folder)
    #expect(json.output.hasPrefix(#"[{"script":"a.lua","heap":"#))
    #expect(json.output.contains(#""host":100"#), "\(json.output)")
    #expect(json.output.hasSuffix("\"limit\":8388608}]\n"), "\(json.output)")
  }

  @Test func `list as JSON has the options that bound a trigger`() throws {
    let folder = try ScriptFolder([
      "a.lua": """
      every("1h", { from = "2127-06-01", till = "2127-06-02", times = 3, jitter = "5m" }, print)
      every("1h", { name = "b", from = "90m", till = "1d" }, print)
      """
    ])
    let outcome = try moonwheel("list", ".", "--json", "--tz", "Asia/Tokyo", in: folder)
    let text = outcome.output
    #expect(
      text.contains(
        #""next":"2127-06-01T00:00:00+09:00","tags":[],"options":{"from":"2127-06-01T00:00:00+09:00","till":"2127-06-02T00:00:00+09:00","times":3,"jitter":"5m"}}"#
      ), "\(text)")
    #expect(text.contains(#""options":{"from":"1h30m","till":"1d"}}"#), "\(text)")
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

  @Test func `next says why it shows nothing`() throws {
    let reboot = try moonwheel("next", "cron @reboot")
    #expect(reboot.code == 0 && reboot.output.isEmpty)
    #expect(reboot.log == "once, at the start of the host\n")
    let past = try moonwheel(
      "next", "at 2020-01-01", "--from", "2026-01-01T00:00:00Z", "--tz", "UTC")
    #expect(past.log == "it does not fire after 2026-01-01T00:00:00+00:00\n")
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

  @Test func `a line that is not a request is answered with its mistake, and the next is read`()
    throws
  {
    let long = String(repeating: "x", count: 20_000)
    let rows = [
      (#"{"n":2}"#, #""spec\" is missing; write {"#), (#"{"spec":5}"#, #"\"spec\" must be a text"#),
      (#"{"spec":"every 1s","n":"3"}"#, #"\"n\" must be a whole number"#),
      (#"{"spec":"every 1s","n":-1}"#, "n must be from 0 to 100000, not -1"),
      (#"{"spec":"every 1s","from":"soon"}"#, #"from \"soon\": unknown word"#),
      (#"{"spec":"every 1s","till":"soon"}"#, #"till \"soon\": unknown word"#),
      (#"{"spec":"every 1s","gap":"no"}"#, "gap must be one of after, shift, skip"),
      ("", "not a request"), ("[]", "not a request"), ("{", "not a request"),
      (long, "not a request"), (#"{"spec":"\#(long)"}"#, "is not a trigger"),
      (#"{"spec":"cron \#(String(repeating: "1,", count: 5_000))1 * * * *"}"#, "is too long"),
      (#"{"spec":"every 1s","from":"2026-01-01T00:00:00Z","n":1}"#, "2026-01-01T00:00:01+00:00"),
    ]
    let outcome = try moonwheel(
      "next", "--stdin", input: rows.map(\.0).joined(separator: "\n") + "\n")
    #expect(outcome.code == 0 && outcome.log.isEmpty)
    try #require(outcome.lines.count == rows.count)
    for (line, row) in zip(outcome.lines, rows) {
      #expect(line.contains(row.1) && line.utf8.count < 400, "\(row.0.prefix(50)): \(line)")
      #expect(!line.contains("\"column\"") || row.0 == long || row.0.contains(long))
    }
  }

  @Test func `a trigger of the sun takes a place`() throws {
    let flags = ["--lat", "52.5", "--lon", "13.4", "--from", "2026-06-21T00:00:00Z", "-n", "1"]
    let next = try MoonwheelProcess(["next", "every sunset"] + flags)
    #expect(try next.exit() == 0)
    let fire = next.text(.output)
    #expect(fire.hasPrefix("2026-06-21T19:3"))
    let request = #"{"spec":"every sunset","lat":52.5,"lon":13.4,"from":"2026-06-21","n":1}"#
    let answer = try moonwheel("next", "--stdin", input: request)
    #expect(answer.output == #"{"next":["\#(fire.dropLast())"]}"# + "\n")
  }

  @Test func `explain shows the fires when the clocks change`() throws {
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
    ("cron 0 0 0 1 1 * 2020", "It does not fire any more."),
  ])
  func `explain adds a note for special triggers`(spec: String, words: String) throws {
    let outcome = try moonwheel("explain", spec, "--tz", "Asia/Tokyo")
    #expect(outcome.code == 0)
    #expect(outcome.output.contains(words), "\(outcome.output)")
  }

  @Test func `explain has one line for the start of the host`() throws {
    let outcome = try moonwheel("explain", "cron @reboot")
    #expect(outcome.code == 0)
    #expect(outcome.lines == ["once, at the start of the host"])
  }

  @Test func `a zone in the environment is used, or refused with the name of its variable`() throws
  {
    let rule = try moonwheel(
      "next", "cron 0 9 * * *", "-n", "1", "--from", "2026-01-01T00:00:00Z",
      environment: ["TZ": "EST5EDT,M3.2.0,M11.1.0"])
    #expect(rule.lines == ["2026-01-01T09:00:00-05:00"])
    let wrong = try moonwheel("next", "every 1s", environment: ["TZ": "Mars"])
    #expect(wrong.code == 64)
    #expect(wrong.log.contains("moonwheel: TZ: unknown time zone \"Mars\""))
    let none = try moonwheel(
      "next", "every 1s", "--tz", "Europe/Berlin", environment: ["TZDIR": "/nowhere"])
    #expect(none.code == 64 && none.log.contains("there are no zone files in /nowhere"))
  }
}
