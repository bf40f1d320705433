import FoundationEssentials
import Glibc
import Testing

/// The first and the last line of a host in its log.
@Suite(.serialized) struct LifecycleTests {
  private static let beat = "every('50ms', { name = 'beat' }, function(run) print(run.n) end)"
  private static let started = "moonwheel 0.1.0 runs "

  private static func lines(_ log: String) -> [String] {
    log.split(separator: "\n").map(String.init)
  }

  @Test func `a host says what it runs, and in the end what it has done`() throws {
    let folder = try ScriptFolder([
      "a.lua": Self.beat + " every('1h', { name = 'hourly' }, print)",
      "b.lua": "every('50ms', { name = 'bad' }, function() error('no') end)",
    ])
    let outcome = try moonwheel("run", folder.path, "--for", "1s")
    #expect(outcome.code == 0 && outcome.output.isEmpty)
    let lines = Self.lines(outcome.log)
    let first = try #require(lines.firstIndex { $0.contains(Self.started) })
    let loaded = lines.indices.filter { lines[$0].contains("loaded, ") }
    #expect(loaded.count == 2 && loaded.allSatisfy { $0 < first })
    #expect(
      lines[first].hasSuffix(
        " INFO  moonwheel 0.1.0 runs 3 jobs of 2 scripts; store \(folder.path)/.moonwheel/store.db; zone UTC"
      ))
    let last = try #require(lines.last)
    let end = /INFO  stopped after \d\.?\d*m?s \(--for 1s\): (\d+) runs succeeded, (\d+) failed/
    let counts = try #require(last.firstMatch(of: end), "\(last)")
    let beats = lines.count { $0.contains("a.lua/beat") }
    let failures = lines.count { $0.contains("b.lua/bad") }
    #expect(Int(counts.1) == beats && beats > 5)
    #expect(try #require(Int(counts.2)) >= failures && failures > 0)
  }

  @Test func `the JSON log has both lines with their figures`() throws {
    let folder = try ScriptFolder(["a.lua": Self.beat, "bad.lua": "every("])
    let outcome = try moonwheel(
      "run", folder.path, "--store", "memory", "--tz", "Asia/Tokyo",
      environment: ["MOONWHEEL_LOG": "json", "MOONWHEEL_FOR": "500ms"])
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let lines = try Self.lines(outcome.log).map { line in
      try decoder.decode(Line.self, from: Data(line.utf8))
    }
    let start = try #require(lines.first { $0.event == "scheduler.started" }?.payload)
    #expect(start.version == "0.1.0" && start.zone == "Asia/Tokyo" && start.store == "memory")
    #expect(start.scripts == 1 && start.jobs == 1 && start.failed == 1 && start.lastGood == 0)
    let end = try #require(lines.last)
    #expect(end.event == "scheduler.stopped")
    #expect(end.payload?.reason == "MOONWHEEL_FOR 500ms")
    #expect(end.payload?.seconds ?? 0 >= 0.5)
    #expect(end.payload?.runs?["succeeded"] ?? 0 >= 3)
  }

  @Test func `scripts that do not load are counted, and those that run in their last good version`()
    throws
  {
    let folder = try ScriptFolder(["a.lua": Self.beat, "b.lua": Self.beat])
    let host = try MoonwheelProcess(["run", folder.path])
    try host.line("runs 2 jobs of 2 scripts; store")
    usleep(300_000)  // the store has the versions within 100 ms
    host.signal(SIGTERM)
    #expect(try host.exit() == 0)
    try folder.write("b.lua", "every(")
    try folder.write("c.lua", "error('no')")
    let outcome = try moonwheel("run", folder.path, "--for", "100ms")
    #expect(
      outcome.log.contains(
        "runs 2 jobs of 2 scripts; 2 scripts do not load (1 runs in its last good version); store"))
    let other = try moonwheel("run", folder.path + "/c.lua", "--store", "memory", "--for", "100ms")
    #expect(other.log.contains("runs 0 jobs of 0 scripts; 1 script does not load; store memory;"))
    #expect(other.log.contains("(--for 100ms): no run has ended"))
  }

  @Test func `each attempt counts; hooks and runs that their job declined do not`() throws {
    let folder = try ScriptFolder([
      "a.lua": """
      after("10ms", { name = "twice", retry = { max = 1, from = "10ms" },
        on_failure = function() print("hook") end }, function() error("no") end)
      after("10ms", { name = "declined", when = function() return false end }, print)
      after("10ms", { name = "ends", timeout = "50ms",
        on_success = function() print("hook") end }, function() return cancel end)
      after("10ms", { name = "late", timeout = "50ms" }, function() sleep("1h") end)
      """
    ])
    let outcome = try moonwheel("run", folder.path, "--for", "1s")
    #expect(outcome.log.contains("(--for 1s): 1 run succeeded, 2 failed, 1 timed out"))
    #expect(outcome.log.split(separator: "\n").count { $0.hasSuffix("  hook") } == 2)
  }

  @Test(arguments: [(SIGTERM, "SIGTERM"), (SIGINT, "SIGINT")])
  func `the last line names the signal, and counts runs that the stop has interrupted`(
    signal: Int32, name: String
  ) throws {
    let folder = try ScriptFolder([
      "slow.lua": "after('10ms', function() print('begins') sleep('1h') end)"
    ])
    let host = try MoonwheelProcess(["run", folder.path, "--shutdown-timeout", "100ms"])
    try host.line("begins")
    host.signal(signal)
    #expect(try host.exit() == 0)
    let last = Self.lines(host.text(.log)).last ?? ""
    #expect(last.contains(" (\(name)): 1 run cancelled"), "\(last)")
  }

  @Test func `a second signal has a last line too, and only one`() throws {
    let folder = try ScriptFolder([
      "slow.lua": "after('10ms', function() print('begins') sleep('1h') end)",
      "quick.lua": "after('10ms', function() print('is over') end)",
    ])
    let host = try MoonwheelProcess(["run", folder.path, "--shutdown-timeout", "1h"])
    try host.line("begins")
    try host.line("is over")
    host.signal(SIGTERM)
    try host.line("stopping: runs that are under way have 1h")
    host.signal(SIGINT)
    #expect(try host.exit() == 1)
    let ends = Self.lines(host.text(.log)).filter { $0.contains(" stopped ") }
    #expect(ends.count == 1)
    #expect(ends.last?.contains("(a second signal, SIGINT): 1 run succeeded") == true, "\(ends)")
    #expect(ends.last?.contains("stopped at once, without its runs under way, after") == true)
  }

  @Test func `a host that cannot start has neither line`() throws {
    let folder = try ScriptFolder(["a.lua": Self.beat])
    let missing = try moonwheel("run", folder.path + "/missing.lua", "--store", "memory")
    let file = try moonwheel("run", folder.path, "--store", folder.path)
    let running = try MoonwheelProcess(["run", folder.path])
    try running.line(Self.started)
    let second = try moonwheel("run", folder.path)
    #expect([missing.code, file.code, second.code] == [1, 2, 2])
    for outcome in [missing, file, second] {
      #expect(!outcome.log.contains(Self.started) && !outcome.log.contains("stopped after"))
      #expect(outcome.log.contains("moonwheel: "))
    }
  }

  @Test func `a host that stops while its scripts load has no first line`() throws {
    let folder = try ScriptFolder([
      "quick.lua": Self.beat,
      "slow.lua": "local stop = os.clock() + 1.5 while os.clock() < stop do end",
    ])
    let host = try MoonwheelProcess(["run", folder.path])
    try host.line("quick.lua  loaded")
    host.signal(SIGTERM)
    #expect(try host.exit() == 0)
    #expect(!host.text(.log).contains(Self.started))
    #expect(Self.lines(host.text(.log)).last?.contains(" (SIGTERM): ") == true)
  }

  private struct Line: Decodable {
    struct Payload: Decodable {
      var version: String?
      var zone: String?
      var store: String?
      var scripts: Int?
      var jobs: Int?
      var failed: Int?
      var lastGood: Int?
      var reason: String?
      var seconds: Double?
      var runs: [String: Int]?
    }
    var event: String?
    var payload: Payload?
  }
}
