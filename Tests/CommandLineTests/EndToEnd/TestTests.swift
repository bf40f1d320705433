import Glibc
import Testing

/// `test`, as a user sees it.
@Suite struct TestTests {
  private static let tick = "every('1s', { name = 'tick' }, function() print('tick') end)"

  /// A test that passes, and one that fails at line 2. Their names have characters with a meaning in the formats.
  private static let mixed = [
    "tick.lua": tick,
    "tick_test.lua": """
    test("it ticks", function(sim) sim:load("tick.lua") sim:advance("3s") expect(sim:runs("tick")):has_length(3) end)
    test("1 < 2 & #3 \\"is\\" so", function() expect("<a> & 'b'"):equals("]]>\\1") end)
    """,
  ]

  private static func run(_ flags: String..., files: [String: String]) throws -> Outcome {
    try moonwheel(["test", "."] + flags, in: try ScriptFolder(files))
  }

  @Test func `results are printed and counted`() throws {
    let outcome = try Self.run(files: Self.mixed)
    #expect(outcome.code == 1 && outcome.log.isEmpty)
    #expect(
      outcome.lines.dropLast() == [
        "ok      tick_test.lua: it ticks", "FAILED  tick_test.lua: 1 < 2 & #3 \"is\" so",
        "        tick_test.lua:2: expected", "          \"<a> & 'b'\"", "        to equal",
        #"          "]]>\1""#,
      ], "\(outcome.output)")
    #expect(outcome.lines.last?.hasPrefix("1 passed, 1 failed (") == true)
  }

  @Test func `the exit code is 0 only when there are tests, and all pass`() throws {
    let good = try Self.run("--filter", "it ticks", files: Self.mixed)
    #expect(good.code == 0)
    #expect(good.lines.first == "ok      tick_test.lua: it ticks")
    #expect(good.lines.count == 2)
    let none = try Self.run(files: ["tick.lua": Self.tick])
    #expect(none.code == 1 && none.output.isEmpty)
    #expect(none.log.hasPrefix("moonwheel: there are no tests: a test is test(\"name\", "))
    let unmatched = try Self.run("--filter", "tock", files: Self.mixed)
    #expect(unmatched.code == 1)
    #expect(unmatched.log.contains("no test's file or name contains \"tock\""))
    let nowhere = try moonwheel("test", "/nowhere")
    #expect(nowhere.code == 1)
    #expect(nowhere.log.contains("/nowhere"))
    #expect(try moonwheel("test").code == 64)
  }

  @Test func `a filter matches names and files`() throws {
    let files = [
      "a_test.lua": "test('one', function() end) test('two', function() end)",
      "b_test.lua": "test('three', function() end)",
    ]
    for (filter, names) in [("two", ["a_test.lua: two"]), ("b_test", ["b_test.lua: three"])] {
      let outcome = try Self.run("--filter", filter, files: files)
      #expect(outcome.lines.dropLast() == names.map { "ok      \($0)" }[...])
    }
    let variable = try moonwheel(
      "test", ".", in: try ScriptFolder(files), environment: ["MOONWHEEL_FILTER": "three"])
    #expect(variable.lines.first == "ok      b_test.lua: three")
    #expect(variable.lines.count == 2)
  }

  @Test func `an unknown format is wrong usage`() throws {
    for flag in ["--format", "--log"] {
      let outcome = try Self.run(flag, "yaml", files: Self.mixed)
      #expect(outcome.code == 64)
      #expect(outcome.log.contains(flag) && outcome.output.isEmpty, "\(outcome.log)")
    }
  }

  @Test func `a file that does not load fails, and the others run`() throws {
    let files = [
      "a_test.lua": "test('broken', function(", "b_test.lua": "test('b', function() end)",
    ]
    let outcome = try Self.run(files: files)
    #expect(outcome.code == 1)
    #expect(outcome.lines.first == "FAILED  a_test.lua: (loading)")
    #expect(outcome.lines.dropFirst().first?.hasPrefix("        a_test.lua:1: ") == true)
    #expect(outcome.lines.contains("ok      b_test.lua: b"))
    #expect(outcome.lines.last?.hasPrefix("1 passed, 1 failed") == true)
    // The file that does not load may contain the test that the filter wants.
    #expect(try Self.run("--filter", "b_test", files: files).code == 1)
  }

  @Test func `TAP has a plan, a line for each test, and diagnostics`() throws {
    let outcome = try Self.run("--format", "tap", files: Self.mixed)
    #expect(outcome.code == 1)
    #expect(
      outcome.lines == [
        "TAP version 13", "ok 1 - tick_test.lua: it ticks",
        "not ok 2 - tick_test.lua: 1 < 2 & \\#3 \"is\" so", "  ---", "  message: |",
        "    tick_test.lua:2: expected", "      \"<a> & 'b'\"", "    to equal",
        #"      "]]>\1""#, "  ...", "1..2",
      ], "\(outcome.output)")
  }

  @Test func `JUnit is well-formed XML with the counts of its file`() throws {
    let outcome = try Self.run("--format", "junit", files: Self.mixed)
    #expect(outcome.code == 1)
    let tags = try Self.tags(ofXML: outcome.output)
    #expect(
      tags.map { $0.split(separator: " ").first.map(String.init) ?? "" } == [
        "testsuites", "testsuite", "testcase", "testcase", "failure", "/failure", "/testcase",
        "/testsuite", "/testsuites",
      ])
    #expect(tags[0].hasPrefix(#"testsuites tests="2" failures="1" time=""#))
    #expect(tags[1].hasPrefix(#"testsuite name="tick_test.lua" tests="2" failures="1" time=""#))
    #expect(tags[3].contains(#"name="1 &lt; 2 &amp; #3 &quot;is&quot; so""#))
    #expect(outcome.output.contains("&quot;&lt;a&gt; &amp; 'b'&quot;"))
  }

  /// The tags between `<` and `>`. Records an issue if they do not nest, or if a character is not allowed.
  private static func tags(ofXML text: String) throws -> [String] {
    let declaration = #"<?xml version="1.0" encoding="UTF-8"?>"#
    try #require(text.hasPrefix(declaration))
    var tags: [String] = []
    var open: [Substring] = []
    for piece in text.dropFirst(declaration.count).split(separator: "<") {
      let parts = piece.split(separator: ">", omittingEmptySubsequences: false)
      guard parts.count == 2 else {
        #expect(parts.count == 1 && piece.allSatisfy(\.isWhitespace) && tags.isEmpty, "\(piece)")
        continue
      }
      let (tag, content) = (parts[0], parts[1])
      let entities = piece.split(separator: "&", omittingEmptySubsequences: false).dropFirst()
      let known = ["lt;", "gt;", "amp;", "quot;"]
      #expect(entities.allSatisfy { entity in known.contains { entity.hasPrefix($0) } }, "\(piece)")
      #expect(!open.isEmpty || tag.hasPrefix("testsuites") || content.allSatisfy(\.isWhitespace))
      #expect(tag.split(separator: "\"", omittingEmptySubsequences: false).count % 2 == 1)
      if tag.hasPrefix("/") {
        #expect(open.popLast() == tag.dropFirst())
      } else if !tag.hasSuffix("/") {
        open.append(tag.prefix { $0 != " " })
      }
      tags.append(String(tag))
    }
    #expect(open.isEmpty)
    return tags
  }

  @Test func `a script may contain its tests, which other commands ignore`() throws {
    let folder = try ScriptFolder([
      "a.lua": """
      every("1s", { name = "tick" }, function() print("ticking") end)
      test("it ticks", function(sim)
        sim:load()
        sim:advance("3s")
        print("looking")
        expect(sim:log("tick")):has_length(3)
      end)
      """,
      "b_test.lua": "every('1s', { name = 'never' }, print) test('b', function() end)",
    ])
    let outcome = try moonwheel("test", "a.lua", in: folder)
    #expect(outcome.code == 0)
    #expect(outcome.lines.first == "ok      a.lua: it ticks")
    #expect(outcome.log.contains("looking") && !outcome.log.contains("ticking"))
    let json = try moonwheel("test", "a.lua", "--log", "json", in: folder)
    #expect(json.log.contains(#""message":"looking""#))
    let check = try moonwheel("check", ".", in: folder)
    #expect(check.code == 0)
    #expect(check.lines.last == "1 script, 1 job, no errors", "\(check.output)")
    let run = try MoonwheelProcess(["run", ".", "--store", "memory", "--for", "2s"], in: folder)
    #expect(try run.exit() == 0)
    let log = run.text(.log)
    #expect(log.contains("ticking") && !log.contains("looking") && !log.contains("never"))
  }

  @Test func `each test loads its file again`() throws {
    let outcome = try Self.run(files: [
      "a_test.lua": """
      local count = 0
      for i = 1, 3 do test("test " .. i, function() count = count + 1 expect(count):equals(1) end) end
      """
    ])
    #expect(outcome.code == 0)
    #expect(outcome.lines.last?.hasPrefix("3 passed, 0 failed") == true)
  }

  @Test func `watch runs the tests again after an edit`() throws {
    let folder = try ScriptFolder(Self.mixed)
    let process = try MoonwheelProcess(["test", ".", "--watch"], in: folder)
    try process.line("waiting for a change")
    #expect(process.text(.output).contains("1 passed, 1 failed"))
    try folder.write("tick_test.lua", "test('edited', function() expect(1):equals(1) end)")
    try process.line("1 passed, 0 failed", on: .output)
    try process.line("waiting for a change", count: 2)
    try folder.write("tick_test.lua", "test('broken', function(")
    try process.line("FAILED  tick_test.lua: (loading)", on: .output)
    try process.line("waiting for a change", count: 3)
    process.signal(SIGINT)
    #expect(try process.exit() == -SIGINT)
  }

  @Test func `watch notices a new test, and modules in lib`() throws {
    let folder = try ScriptFolder(["a_test.lua": "test('a', function() end)"])
    let process = try MoonwheelProcess(["test", ".", "--watch"], in: folder)
    try process.line("waiting for a change")
    try folder.write("b_test.lua", "test('b', function() expect(require('m')):equals(1) end)")
    try process.line("1 passed, 1 failed", on: .output)
    try process.line("waiting for a change", count: 2)
    try folder.makeFolder("lib")
    try folder.write("m.lua", "return 1", in: "lib")
    try process.line("2 passed, 0 failed", on: .output)
    try process.line("waiting for a change", count: 3)
    try folder.makeFolder("sub")
    try folder.makeFolder("sub/lib")
    try folder.write(
      "c_test.lua", "test('c', function() expect(require('m')):equals(2) end)", in: "sub")
    try process.line("2 passed, 1 failed", on: .output)
    try process.line("waiting for a change", count: 4)
    try folder.write("m.lua", "return 2", in: "sub/lib")
    try process.line("3 passed, 0 failed", on: .output)
    process.signal(SIGINT)
    #expect(try process.exit() == -SIGINT)
  }
}
