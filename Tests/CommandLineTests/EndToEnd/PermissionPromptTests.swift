import Permissions
import SystemCalls
import Testing

@testable import MoonwheelCLI

/// The question that `run` asks on a terminal.
@Suite struct PermissionPromptTests {
  private static let scripts = [
    "poll.lua":
      "permissions { net = 'api.example.com' } every('100ms', { name = 'p' }, function() print('polled') end)",
    "report.lua":
      "permissions { run = 'pg_dump' } every('100ms', { name = 'r' }, function() print('reported') end)",
    "tick.lua": "every('100ms', { name = 't' }, function() print('tick') end)",
  ]
  private static let all =
    "poll.lua asks: net api.example.com · report.lua asks: run pg_dump — allow all? [y] one by one [o] no [N]"
  private static let run = ["run", ".", "--store", "memory"]

  private static func rules(_ folder: ScriptFolder) throws -> [String] {
    let path = folder.path + "/moonwheel.policy"
    guard FileStatus(of: path) != nil else { return [] }
    return String(decoding: try RegularFile.read(path, atMost: 1 << 20), as: UTF8.self)
      .split(separator: "\n").filter { $0.hasPrefix("allow(") }.map(String.init)
  }

  @Test func `one answer grants to all, while other jobs go on`() throws {
    let folder = try ScriptFolder(Self.scripts)
    let terminal = try TerminalProcess(Self.run, in: folder)
    // A terminal of unknown width shows a line for each script.
    try terminal.wait(for: "poll.lua asks: net api.example.com")
    try terminal.wait(for: "allow all? [y] one by one [o] no [N]")
    try terminal.wait(for: "tick")
    try terminal.wait(for: "tick")
    terminal.type("what?\n")
    try terminal.wait(for: "allow all? [y]")
    terminal.type("y\n")
    try terminal.wait(for: "moonwheel.policy:7: allow(\"report.lua\", { run = { \"pg_dump\" } })")
    try terminal.wait(for: "reported")
    try terminal.wait(for: "polled")
    #expect(
      try Self.rules(folder) == [
        "allow(\"poll.lua\", { net = { \"api.example.com\" } })",
        "allow(\"report.lua\", { run = { \"pg_dump\" } })",
      ])
    #expect(try terminal.end() == 0)
  }

  @Test func `one by one, and again only for something new`() throws {
    let folder = try ScriptFolder(Self.scripts)
    let terminal = try TerminalProcess(Self.run, in: folder)
    try terminal.wait(for: "allow all?")
    terminal.type("o\n")
    try terminal.wait(for: "poll.lua asks: net api.example.com — allow it? [y] no [N]")
    terminal.type("\n")
    try terminal.wait(for: "report.lua asks: run pg_dump — allow it? [y] no [N]")
    terminal.type("yes\n")
    try terminal.wait(for: "not granted, so not loaded: poll.lua.")
    try terminal.wait(for: "reported")
    #expect(try Self.rules(folder) == ["allow(\"report.lua\", { run = { \"pg_dump\" } })"])

    try folder.write(
      "report.lua",
      "permissions { run = 'pg_dump', env = 'PG*' } every('100ms', print)")
    try terminal.wait(for: "The jobs of the last good version go on.")
    try terminal.wait(for: "report.lua asks: env PG* — allow it? [y] no [N]")
    terminal.type("y\n")
    try terminal.wait(for: "allow(\"report.lua\", { run = { \"pg_dump\" }, env = { \"PG*\" } })")
    try terminal.wait(for: "reloaded")
    #expect(try terminal.end() == 0)
  }

  @Test func `what was typed before the question is no answer, and Ctrl-C stops the host`() throws {
    let folder = try ScriptFolder(Self.scripts)
    let terminal = try TerminalProcess(Self.run, in: folder, typed: "y\n")
    try terminal.wait(for: "allow all?")
    try terminal.wait(for: "tick")
    try terminal.wait(for: "tick")
    #expect(try terminal.end() == 0)
    #expect(try Self.rules(folder).isEmpty)
  }

  // MARK: Words

  private let question = PermissionQuestion(askers: [
    .init(script: "poll.lua", asked: [:], missing: [.net: ["api.example.com"]]),
    .init(script: "report.lua", asked: [:], missing: [.run: ["pg_dump"]]),
  ])

  @Test func `the question is in one line if that is as wide as the terminal`() {
    #expect(question.text(columns: 200) == Self.all)
    let lines = question.text(columns: 80).split(separator: "\n")
    #expect(lines.count == 3 && lines[2] == "allow all? [y] one by one [o] no [N]")
  }

  @Test(arguments: [
    ("y", PermissionQuestion.Answer.all), ("YES ", .all), ("o", .oneByOne),
    ("", PermissionQuestion.Answer.none),
    ("n", PermissionQuestion.Answer.none), ("No", PermissionQuestion.Answer.none), ("x", nil),
    ("yy", nil),
  ])
  func `an answer is read`(line: String, answer: PermissionQuestion.Answer?) {
    #expect(question.answer(line) == answer)
  }

  @Test func `a script cannot control the terminal`() {
    let asker = PermissionQuestion.Asker(
      script: "a\u{1b}[2J.lua", asked: [:], missing: [.env: ["A\u{202e}B"]])
    #expect(asker.text == "a\\u{1b}[2J.lua asks: env A\\u{202e}B")
  }
}
