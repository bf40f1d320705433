import FoundationEssentials
import Glibc
import SystemCalls
import Testing
import WorkerPool

/// `moonwheel run`, as a user sees it.
@Suite(.serialized) struct RunTests {
  private static let ticking = """
    every("50ms", { name = "tick" }, function(run) print("one, beat " .. run.n) end)
    """

  private func host(
    _ folder: ScriptFolder, _ flags: String..., environment: [String: String] = [:]
  ) throws -> MoonwheelProcess {
    try MoonwheelProcess(["run", folder.path] + flags, environment: environment)
  }

  // MARK: Its life

  @Test func `run with --for logs fires and exits with 0`() throws {
    let folder = try ScriptFolder(["tick.lua": Self.ticking])
    let outcome = try moonwheel("run", folder.path, "--for", "2s")
    #expect(outcome.code == 0)
    #expect(outcome.output.isEmpty)
    #expect(outcome.log.contains("tick.lua  loaded, 1 job"))
    #expect(outcome.log.contains("tick.lua/tick  one, beat 10"))
  }

  @Test func `paths that cannot be read do not keep others from running, at start and later`()
    throws
  {
    let folder = try ScriptFolder(["good.lua": Self.ticking])
    try folder.link("gone.lua", to: "nowhere")
    try folder.link("memory.lua", to: "/proc/self/mem")  // a file whose reading fails, for root too
    let host = try host(folder)
    try host.line("gone.lua: the link cannot be followed: No such file or directory")
    try host.line("memory.lua: Input/output error")
    try host.line("good.lua/tick  one, beat 2")
    try folder.link("loop.lua", to: "loop.lua")
    try host.line("loop.lua: the link cannot be followed: Too many levels of symbolic links")
    try folder.write("gone.lua", "every('50ms', { name = 'back' }, print)")
    try host.line("gone.lua  loaded, 1 job")
    host.signal(SIGTERM)
    #expect(try host.exit() == 0)
    #expect(host.text(.log).split(separator: "\n").count { $0.contains("cannot be followed") } == 2)
    let check = try moonwheel("check", folder.path)
    #expect(check.log.contains("warning: ") && check.log.contains("loop.lua: the link cannot"))
  }

  @Test func `a host waits for the first script of an empty folder`() throws {
    let folder = try ScriptFolder()
    let host = try host(folder, "--store", "memory")
    try host.line("no scripts yet: a script is a file *.lua")
    try folder.write("tick.lua", Self.ticking)
    try host.line("one, beat 2")
    host.signal(SIGTERM)
    #expect(try host.exit() == 0)
  }

  /// A file system for the root of a container may have no /proc. Only root may take it away.
  @Test(.enabled(if: geteuid() == 0))
  func `a command has its arguments without /proc`() throws {
    let folder = try ScriptFolder(["a.lua": "every('1s', { name = 'a' }, print)"])
    let command = "mount -t tmpfs none /proc && exec \"$@\""
    let program = ["-m", "sh", "-c", command, "sh", try BuiltProgram.path()]
    let process = try MoonwheelProcess(
      program: "/usr/bin/unshare", program + ["check", folder.path])
    #expect(try process.exit() == 0)
    #expect(process.text(.output).contains("1 script, 1 job, no errors"))
  }

  @Test func `an unknown name is logged once for each version of a script`() throws {
    let folder = try ScriptFolder(["a.lua": "every('1h', { name = 'a' }, function() nope() end)"])
    let host = try host(folder)
    let warning = "a.lua:1: nothing sets the global \"nope\""
    try host.line(warning)
    host.signal(SIGHUP)
    try host.line("reloaded, 1 job")
    try folder.write("a.lua", "every('1h', { name = 'b' }, function() nope() other() end)\nprint()")
    try host.line("reloaded, 1 job", count: 2)
    try folder.write("a.lua", "every('1h', { name = 'b' }, function() print() end)")
    try host.line("reloaded, 1 job", count: 3)
    host.signal(SIGTERM)
    #expect(try host.exit() == 0)
    #expect(host.text(.log).split(separator: "\n").count { $0.contains(warning) } == 2)
  }

  /// `async` would start the threads of libdispatch, which wake up each second even if they have nothing to do.
  @Test func `an idle host has no threads but its own`() throws {
    let folder = try ScriptFolder(["hourly.lua": "every('1h', { name = 'hourly' }, print)"])
    let host = try host(folder)
    try host.line("hourly.lua  loaded, 1 job")
    let tasks = "/proc/\(host.pid)/task"
    let threads = try FileManager.default.contentsOfDirectory(atPath: tasks).map { task in
      try String(contentsOfFile: "\(tasks)/\(task)/comm", encoding: .utf8)
    }
    #expect(threads.contains("mw-timekeeper\n"))
    #expect(threads.filter { !$0.hasPrefix("mw-") && !$0.hasPrefix("moonwheel") } == [])
  }

  @Test(arguments: [SIGTERM, SIGINT])
  func `a signal to stop lets runs end`(signal: Int32) throws {
    let folder = try ScriptFolder([
      "slow.lua": """
      every("100ms", { name = "slow" }, function(run)
        print("begins " .. run.n)
        sleep("1s")
        print("ends " .. run.n)
      end)
      """
    ])
    let host = try host(folder)
    try host.line("begins 1")
    host.signal(signal)
    #expect(try host.exit() == 0)
    #expect(host.text(.log).contains("ends 1"))
    #expect(!host.text(.log).contains("begins 2"))
  }

  @Test func `a second signal stops at once`() throws {
    let folder = try ScriptFolder([
      "slow.lua": "after('10ms', function() print('begins') sleep('1h') end)"
    ])
    let host = try host(folder, "--shutdown-timeout", "1h")
    try host.line("begins")
    host.signal(SIGTERM)
    try host.line("stopping: runs that are under way have 1h")
    host.signal(SIGTERM)
    #expect(try host.exit() != 0)
  }

  @Test func `runs that outlast the shutdown timeout do not hold it up`() throws {
    let folder = try ScriptFolder([
      "slow.lua": "after('10ms', function() print('begins') sleep('1h') end)"
    ])
    let host = try host(folder, "--shutdown-timeout", "200ms")
    try host.line("begins")
    host.signal(SIGTERM)
    #expect(try host.exit() == 0)
  }

  @Test func `after a kill the same command works again, and the folder has no other files`() throws
  {
    let folder = try ScriptFolder(["tick.lua": Self.ticking])
    for _ in 1...3 {
      let host = try host(folder)
      try host.line("beat 3")
      host.signal(SIGKILL)
      #expect(try host.exit() == -SIGKILL)
      #expect(folder.names() == [".moonwheel", "tick.lua"])
    }
  }

  @Test func `a signal makes the host log its state`() throws {
    let folder = try ScriptFolder([
      "slow.lua": """
      every('10ms', { name = "slow" }, function()
        print('begins')
        sleep('1h')
      end)
      every('10ms', { name = "busy" }, function() while true do end end)
      """
    ])
    let host = try host(folder)
    try host.line("begins")
    host.signal(SIGUSR1)
    try host.line("jobs: 2 active")
    try host.line("computes, since")
    try host.line("slow.lua:5: in")
    try host.line("waits, since")
    try host.line("slow.lua:3: in")
  }

  @Test func `a host stops after the reader of its log has closed it`() throws {
    let folder = try ScriptFolder(["tick.lua": Self.ticking])
    let host = try host(folder)
    try host.line("beat 1")
    host.stopReadingLog()
    host.signal(SIGTERM)
    #expect(try host.exit() == 0)
  }

  // MARK: Reload

  @Test func `an edit is live within a second`() throws {
    let folder = try ScriptFolder(["tick.lua": Self.ticking])
    let host = try host(folder)
    try host.line("one, beat 3")
    var quickest = Int64.max
    for edit in ["two", "three", "four"] {
      let saved = Clocks.monotonic()
      try folder.write("tick.lua", Self.ticking.replacing("one", with: edit))
      try host.line("\(edit), beat")
      quickest = min(quickest, Clocks.monotonic() - saved)
    }
    #expect(quickest < 1_000_000_000)
  }

  @Test func `a broken edit keeps the good version, and is logged once`() throws {
    let folder = try ScriptFolder(["tick.lua": Self.ticking])
    let host = try host(folder)
    try host.line("one, beat 1")
    try folder.write("tick.lua", "every('1s', function() print('two') edn)")
    try host.line("The jobs of the last good version go on.")
    let before = host.text(.log).split(separator: "\n").count { $0.contains("one, beat") }
    try host.line("one, beat", count: before + 3)
    #expect(host.text(.log).contains("tick.lua:1:"))
    try folder.write("tick.lua", Self.ticking.replacing("one", with: "three"))
    try host.line("three, beat")
    #expect(host.text(.log).split(separator: "\n").count { $0.contains("last good") } == 1)
  }

  @Test(arguments: [SIGHUP, SIGUSR2])
  func `a signal reloads`(signal: Int32) throws {
    let folder = try ScriptFolder(["tick.lua": Self.ticking])
    let host = try host(folder, "--no-watch")
    try host.line("one, beat 1")
    try folder.write("tick.lua", Self.ticking.replacing("one", with: "two"))
    try folder.write("new.lua", "every('50ms', function() print('new') end)")
    host.signal(signal)
    try host.line("tick.lua  reloaded, 1 job")
    try host.line("two, beat")
    try host.line("new.lua  loaded, 1 job")
  }

  @Test func `a new script is loaded, and a removed one is unloaded`() throws {
    let folder = try ScriptFolder(["tick.lua": Self.ticking])
    let host = try host(folder)
    try host.line("one, beat 1")
    try folder.write("new.lua", "every('50ms', function() print('new') end)")
    try host.line("new.lua/every 50ms  new")
    unsafe unlink("\(folder.path)/tick.lua")
    try host.line("tick.lua  unloaded: the file is gone")
  }

  // MARK: Bounds

  @Test func `a script that computes without end does not delay the others`() throws {
    let folder = try ScriptFolder([
      "busy.lua": """
      every("10ms", { name = "busy", timeout = "500ms" }, function() while true do end end)
      """,
      "tick.lua": Self.ticking,
    ])
    let host = try host(folder, "--workers", "1", "--slice", "1ms")
    try host.line("job \"busy\" was interrupted: it ran longer than its timeout of 500ms", count: 2)
    let beats = host.text(.log).split(separator: "\n").count { $0.contains("one, beat") }
    #expect(beats >= 5)
  }

  @Test func `the memory of all scripts together is bounded`() throws {
    let hog = """
      local kept = {}
      every("10ms", { name = "hog" }, function()
        for _ = 1, 50 do kept[#kept + 1] = ("x"):rep(100000) end
      end)
      """
    let folder = try ScriptFolder(["a.lua": hog, "tick.lua": Self.ticking])
    let host = try host(folder, "--memory", "16M")
    try host.line("not enough memory")
    let before = host.text(.log).split(separator: "\n").count { $0.contains("one, beat") }
    try host.line("one, beat", count: before + 3)
  }

  // MARK: The log

  @Test func `the JSON log has one object a line with stable keys`() throws {
    let folder = try ScriptFolder([
      "talk.lua": """
      every("50ms", { name = "talk" }, function(run)
        log.warn("a \\"quoted\\" line\\nand another", { count = run.n, deep = { a = { 1, 2 } } })
        error("no luck")
      end)
      """
    ])
    let host = try host(folder, environment: ["MOONWHEEL_LOG": "json", "MOONWHEEL_FOR": "1s"])
    #expect(try host.exit() == 0)
    let lines = try host.text(.log).split(separator: "\n").map { line in
      try JSONDecoder().decode(LogLine.self, from: Data(line.utf8))
    }
    let known: Set = [
      "ts", "level", "message", "script", "job", "run", "event", "payload", "fields",
    ]
    #expect(lines.allSatisfy { $0.keys.isSubset(of: known) })
    #expect(lines.allSatisfy { $0.keys.isSuperset(of: ["ts", "level", "message"]) })
    let warning = try #require(lines.first { $0.level == "warning" || $0.level == "warn" })
    #expect(warning.message == "a \"quoted\" line\nand another")
    #expect(warning.script == "talk.lua" && warning.job == "talk" && warning.run?.isEmpty == false)
    #expect(warning.ts.hasSuffix("Z") && warning.ts.count == "2026-01-01T00:00:00.000000Z".count)
    let failure = try #require(lines.first { $0.event == "run.failed" })
    #expect(failure.message.hasPrefix("talk.lua:3: no luck"))
    #expect(failure.message.contains("stack traceback"))
  }
}

/// One line of `--log json`, and its keys.
private struct LogLine: Decodable {
  struct Key: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  var keys: Set<String>
  var ts: String
  var level: String
  var message: String
  var script: String?
  var job: String?
  var run: String?
  var event: String?

  init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    keys = Set(values.allKeys.map(\.stringValue))
    ts = try values.decode(String.self, forKey: Key(stringValue: "ts"))
    level = try values.decode(String.self, forKey: Key(stringValue: "level"))
    message = try values.decode(String.self, forKey: Key(stringValue: "message"))
    script = try values.decodeIfPresent(String.self, forKey: Key(stringValue: "script"))
    job = try values.decodeIfPresent(String.self, forKey: Key(stringValue: "job"))
    run = try values.decodeIfPresent(String.self, forKey: Key(stringValue: "run"))
    event = try values.decodeIfPresent(String.self, forKey: Key(stringValue: "event"))
  }
}
