import Testing

/// `simulate --diff`.
@Suite struct SimulateDiffTests {
  private static let flags = ["--from", "2026-06-01 00:00", "--for", "2h"]

  private static let before = """
    every("30m", { name = "job", retry = { max = 1, jitter = 0 } }, function(run)
      if run.n == 2 and run.attempt == 1 then error("boom") end
      print("beat")
    end)
    every("20m", { name = "other" }, function() end)
    """

  /// A folder with the trace of a script that has changed since.
  private static func folder(_ before: String, _ after: String) throws -> ScriptFolder {
    let folder = try ScriptFolder(["a.lua": before])
    let saved = try moonwheel(["simulate", "a.lua", "--json"] + flags, in: folder)
    try #require(saved.code == 0)
    try folder.write("saved.jsonl", saved.output)
    try folder.write("a.lua", after)
    return folder
  }

  private static func diff(_ folder: ScriptFolder, _ more: String...) throws -> Outcome {
    try moonwheel(
      ["simulate", "a.lua", "--diff", "saved.jsonl"] + flags + more, in: folder)
  }

  @Test func `ids of runs are no difference`() throws {
    let folder = try Self.folder(
      "local p = job('p', { run = function() end })\n" + Self.before,
      "local p = job('p', { run = function() end })\n" + Self.before)
    let same = try Self.diff(folder)
    #expect(same.code == 0 && same.output == "no difference\n" && same.log.isEmpty)
    let json = try Self.diff(folder, "--json")
    #expect(json.code == 0 && json.output.isEmpty)
    // Another job that fires before the others changes all ids.
    try folder.write(
      "a.lua",
      "local p = job('p', { run = function() end })\n" + Self.before
        + "\nevery('19m', { name = 'more', times = 1 }, function() end)")
    let shifted = try Self.diff(folder)
    #expect(shifted.code == 1)
    #expect(
      shifted.output.hasPrefix(
        """
        a.lua: 1 other line less, 1 more; first difference 2026-06-01T00:00:00+00:00
        a.lua:more: 1 fire more; 3 other lines more; first difference 2026-06-01T00:00:00+00:00

        - 2026-06-01T00:00:00+00:00  a.lua  script.loaded  jobs 3
        + 2026-06-01T00:00:00+00:00  a.lua  script.loaded  jobs 4
        + 2026-06-01T00:00:00+00:00  a.lua:more  job.added
        + 2026-06-01T00:19:00+00:00  a.lua:more  job.finished  reason "it has fired once"
        + 2026-06-01T00:19:00+00:00  a.lua:more  run.started

        """), "\(shifted.output)")
  }

  @Test func `a difference is shown by job, and line by line`() throws {
    let folder = try Self.folder(
      Self.before, Self.before.replacing("30m", with: "40m").replacing("beat", with: "pulse"))
    let outcome = try Self.diff(folder)
    #expect(outcome.code == 1 && outcome.log.isEmpty)
    #expect(
      outcome.lines[0]
        == "a.lua:job: 4 fires less, 3 more; 9 other lines less, 7 more; first difference 2026-06-01T00:30:00+00:00",
      "\(outcome.output)")
    #expect(
      outcome.lines[1...2] == [
        "- 2026-06-01T00:30:00+00:00  a.lua:job  run.started",
        #"- 2026-06-01T00:30:00+00:00  a.lua:job  log  level "info"  message "beat""#,
      ])
    #expect(outcome.output.contains("+ 2026-06-01T00:40:00+00:00  a.lua:job  run.started\n"))
    #expect(!outcome.output.contains("a.lua:other"))
  }

  @Test func `the text shows the first lines, and the JSON all of them`() throws {
    let folder = try Self.folder(
      "every('10s', { name = 'job' }, function() end)",
      "every('15s', { name = 'job' }, function() end)")
    let text = try Self.diff(folder)
    // 720 and 480 fires, of which 240 are at the same time.
    #expect(text.lines[0].hasPrefix("a.lua:job: 480 fires less, 240 more; 480 other lines less"))
    #expect(text.lines.count == 42)
    #expect(text.lines.last == "... and 1400 more")
    let json = try Self.diff(folder, "--json")
    #expect(json.code == 1)
    #expect(json.lines.count { $0.hasPrefix(#"{"diff":"-","t":"2026-"#) } == 960)
    #expect(json.lines.count { $0.hasPrefix(#"{"diff":"+","t":"2026-"#) } == 480)
    #expect(json.lines.count == 1440)
  }

  @Test func `a trace without any equal line has a hint`() throws {
    let folder = try Self.folder(Self.before, Self.before)
    let outcome = try moonwheel(
      "simulate", "a.lua", "--from", "2026-06-02 00:00", "--diff", "saved.jsonl", in: folder)
    #expect(outcome.code == 1)
    #expect(outcome.log.contains("no line is equal: did saved.jsonl have the same --from"))
  }

  @Test(arguments: [
    (nil, "saved.jsonl: cannot be read (No such file or directory)"),
    ("", "saved.jsonl: it is empty"),
    ("print('x')\n", "saved.jsonl: line 1 is not a line of a trace"),
    ("{\"t\":1}\n", "line 1 is not"), ("{\"t\":\"x\",\"event\":\"", "line 1 is not"),
  ])
  func `a file that is not a trace is refused`(content: String?, message: String) throws {
    let folder = try ScriptFolder(["a.lua": Self.before])
    if let content { try folder.write("saved.jsonl", content) }
    let outcome = try moonwheel(
      "simulate", "a.lua", in: folder, environment: ["MOONWHEEL_DIFF": "saved.jsonl"])
    #expect(outcome.code == 2)
    #expect(outcome.log.contains("moonwheel: MOONWHEEL_DIFF: "))
    #expect(outcome.log.contains(message), "\(outcome.log)")
    #expect(outcome.log.contains("save one with \"moonwheel simulate ... --json > FILE\""))
    #expect(outcome.output.isEmpty)
  }
}
