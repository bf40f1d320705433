import FoundationEssentials
import Layers
import SystemCalls
import Testing

/// Holds the descriptions that editors and pages show against the program.
@Suite struct StubTests {
  private static let root = #filePath.split(separator: "/").dropLast(4).map { "/" + $0 }.joined()

  private static func text(_ path: String) throws -> String {
    String(decoding: try RegularFile.read("\(root)/\(path)", atMost: 1 << 20), as: UTF8.self)
  }

  /// The words of `_G` that are Lua's own; what is left of `io` and `package` says why the rest is missing.
  private static let lua: Set<String> = [
    "_G", "_VERSION", "assert", "collectgarbage", "coroutine", "debug", "error", "getmetatable",
    "io", "ipairs", "load", "math", "next", "os", "package", "pairs", "pcall", "rawequal", "rawget",
    "rawlen",
    "rawset", "require", "select", "setmetatable", "string", "table", "tonumber", "tostring",
    "type",
    "utf8", "xpcall",
  ]

  @Test func `every global of a script is described, and every global that is described exists`()
    throws
  {
    // The table of a standard module is made when it is read first.
    let modules = Configuration.allStandardModules.sorted()
    let folder = try ScriptFolder([
      "a.lua": """
      job("words", { run = function()
        local words, _ = {}, { \(modules.joined(separator: ", ")) }
        for name in pairs(_G) do words[#words + 1] = name end
        return words
      end })
      """
    ])
    let outcome = try moonwheel("exec", folder.path, "words")
    let words = Set(try JSONDecoder().decode([String].self, from: Data(outcome.output.utf8)))
    let stubs = try Self.text("stdlib/library/moonwheel.d.lua")
    let functions = stubs.matches(of: /(?m)^function (\w+)\(/).map { String($0.1) }
    let tables = stubs.matches(of: /(?m)^(\w+) = \{\}/).map { String($0.1) }
    #expect(functions.count > 15 && tables.count > 3)
    let inTests: Set = ["expect"]
    #expect(
      words.subtracting(Self.lua) == Set(functions + tables).subtracting(inTests), "\(outcome.log)")
    for word in words where !modules.contains(word) {
      #expect(throws: RegistrationError.self, "no Swift function may take the name \(word)") {
        try FunctionName.check(word)
      }
    }
  }

  // MARK: Options

  /// A value of each option, with what it needs beside it.
  private static let samples: [String: String] = [
    "name": "", "tags": "tags = { 'a' }", "priority": "priority = 1", "tz": "tz = 'UTC'",
    "gap": "gap = 'skip'", "fold": "fold = 'last'", "lat": "lat = 1, lon = 1",
    "lon": "lat = 1, lon = 1", "from": "from = '2029-01-01'", "till": "till = '2040-01-01'",
    "times": "times = 3", "jitter": "jitter = '1s'", "timeout": "timeout = '1m'",
    "cpu": "cpu = '1m'", "now": "now = true", "fixed_delay": "fixed_delay = true",
    "overlap": "overlap = 'replace'", "backlog": "overlap = 'queue', backlog = 3",
    "max_instances": "overlap = 'allow', max_instances = 3", "args": "args = 1",
    "paused": "paused = true", "grace": "grace = '1m'", "catchup": "catchup = 'all'",
    "catchup_limit": "catchup = 'all', catchup_limit = 3", "retry": "retry = 3",
    "restart": "restart = true", "history": "history = 3", "isolate": "isolate = 'run'",
    "memory": "isolate = 'run', memory = '2 MiB'", "when": "when = f", "state": "state = {}",
    "on_success": "on_success = f", "on_failure": "on_failure = f", "on_retry": "on_retry = f",
    "on_missed": "on_missed = f", "ping": "ping = 'https://ping.example'",
    "debounce": "debounce = '1s'", "batch": "batch = 3",
  ]

  /// A job of each kind, before and after its options.
  private static let kinds: [(name: String, before: String, after: String)] = [
    ("period", "every('10s', ", ", f)"), ("day", "every('day at 02:30', ", ", f)"),
    ("cron", "cron('0 9 * * *', ", ", f)"), ("at", "at('2030-01-01 00:00', ", ", f)"),
    ("after", "after('10m', ", ", f)"), ("event", "on('x.y', ", ", f)"),
    ("function", "trigger(function(after) return after + 60 end, ", ", f)"),
    ("sun", "every('sunset - 15m', ", ", f)"), ("demand", "job('j', ", ")"),
  ]

  /// The kinds of jobs that the page says for an option.
  private static func kinds(for words: String) throws -> Set<String> {
    switch words {
    case "all": Set(kinds.map(\.name))
    case "triggers of time": ["period", "day", "cron", "at", "after", "function", "sun"]
    case "times of day": ["day", "cron", "at", "sun"]
    case "times of the sun": ["sun"]
    case "`every` with a duration": ["period"]
    case "`on`": ["event"]
    default: throw Failure(words: words)
    }
  }

  private struct Failure: Error { var words: String }

  @Test func `each option goes with the triggers that the page of options says, and no others`()
    throws
  {
    let rows = try Self.text("docs/options.md").split(separator: "\n").compactMap { line in
      let cells = line.split(separator: "|", omittingEmptySubsequences: false)
      return cells.count >= 7 && cells[1].hasPrefix(" `") ? line : nil
    }
    let folder = try ScriptFolder()
    var wanted: Set<String> = []
    for row in rows {
      let match = try #require(
        row.firstMatch(of: /\| `(\w+)` \|.*\| ([^|]+) \| [^|]*\|$/), "\(row)")
      let option = String(match.1)
      let sample = try #require(Self.samples[option], "no sample of \(option)")
      let fitting = try Self.kinds(for: String(match.2))
      for kind in Self.kinds {
        var options = kind.name == "demand" ? "run = f" : "name = 'n'"
        if kind.name == "sun", !sample.hasPrefix("lat") { options += ", lat = 1, lon = 1" }
        if !sample.isEmpty { options += ", " + sample }
        let file = "\(option)-\(kind.name).lua"
        try folder.write(
          file,
          "permissions { net = { 'ping.example' } } local function f() end\n\(kind.before){ \(options) }\(kind.after)"
        )
        if fitting.contains(kind.name) { wanted.insert(file) }
      }
    }
    #expect(rows.count == Self.samples.count)
    let outcome = try moonwheel("list", folder.path, "--json")
    let loaded = try JSONDecoder().decode([Job].self, from: Data(outcome.output.utf8))
    #expect(Set(loaded.map(\.script)) == wanted)
  }

  private struct Job: Decodable { var script: String }
}
