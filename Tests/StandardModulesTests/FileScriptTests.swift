import Layers
import Moonwheel
import MoonwheelSimulation
import MoonwheelTesting
import TestSupport
import Testing

/// `fs` as scripts use it.
@Suite(.timeLimit(.minutes(1))) struct FileScriptTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private var configuration: Configuration {
    var configuration = Configuration()
    configuration.filesFolder = folder.path("files")
    return configuration
  }

  /// What scripts print until there are `count` lines.
  private func said(
    _ scripts: KeyValuePairs<String, String>, _ count: Int, emit: String? = "go"
  ) async throws -> [String] {
    let host = try TestScheduler(scripts, configuration: configuration)
    if let emit { try host.scheduler.emit(emit) }
    for _ in 0..<1_000 where host.log.said.count < count {
      try await Task.sleep(for: .milliseconds(10))
    }
    let said = host.log.said
    await host.stop()
    return said
  }

  private static let story = """
    on('go', function()
      local d = fs.data
      print(fs.exists(d .. '/a'), select('#', fs.exists(d .. '/a')))
      print(fs.write(d .. '/a', 'one\\ntwo\\n'), fs.append(d .. '/a', 'th\\0ree'))
      print(#fs.read(d .. '/a'), fs.read(d .. '/a', { max = 4 }) == nil, select(3, fs.read(d .. '/a', { max = '4B' })))
      for line in assert(fs.lines(d .. '/a')) do print(line == 'th\\0ree' and 'three' or line) end
      local facts = fs.stat(d .. '/a')
      print(facts.size, facts.kind, math.type(facts.mtime), fs.stat(d).kind)
      print(fs.mkdir(d .. '/x/y'), fs.copy(d .. '/a', d .. '/x/y/b'), fs.rename(d .. '/a', d .. '/c'))
      local names = {}
      for i, path in ipairs(fs.list(d)) do names[i] = path:sub(#d + 2) end
      print(table.concat(names, ' '))
      print(#fs.list(d .. '/**'), #fs.list(d .. '/x/*/b*'))
      print(select(3, fs.remove(d .. '/x')), fs.remove(d .. '/x', { recursive = true }), fs.exists(d .. '/x'))
      print(select(3, fs.read(d .. '/none')), select(3, fs.read(d)), select(3, fs.list(d .. '/c')))
      local tmp = fs.tmp()
      print(fs.write(tmp .. '/t', 't'), fs.read(tmp .. '/t'), tmp ~= fs.tmp())
      print(select(3, fs.read('/etc/passwd')), select(3, fs.write('x', 'x')), select(3, fs.list('.')))
    end)
    """

  private static let wanted = [
    "false\t1", "true\ttrue", "14\ttrue\ttoo_large", "one", "two", "three",
    "14\tfile\tfloat\tdir", "true\ttrue\ttrue", "c x", "4\t1", "not_empty\ttrue\tfalse",
    "missing\tis_dir\tnot_dir", "true\tt\ttrue", "denied\tdenied\tdenied",
  ]

  @Test func `a script writes and reads its own files`() async throws {
    let said = try await said(["a.lua": Self.story], Self.wanted.count)
    #expect(said == Self.wanted)
    #expect(try FolderEntries.names(in: folder.path("files/data/a.lua")) == ["c"])
    #expect(try FolderEntries.names(in: folder.path("files/tmp")) == [])
  }

  @Test func `a simulation does the same, and leaves the disk alone`() throws {
    let script = Self.story.replacing("on('go',", with: "after(1,")
    let (simulation, trace) = try Simulation.load(
      ["a.lua": script], configure: { $0.filesFolder = folder.path("files") })
    try simulation.run(for: .seconds(2))
    #expect(trace.lines == Self.wanted)
    #expect(try folder.names.isEmpty)
  }

  @Test func `what a simulation has written outlives an outage`() throws {
    let test = """
      test("kept", function(sim)
        sim:load("a.lua", [[
          every('10s', { name = 'j' }, function()
            local path = fs.data .. '/n'
            local n = tonumber(fs.read(path) or 0) + 1
            fs.write(path, tostring(n))
            return n
          end)
        ]])
        sim:advance("20s")
        sim:outage("5s")
        sim:advance("20s")
        local runs = sim:runs("j")
        expect(runs[#runs].result):at_least(3)
      end)
      test("mocked", function(sim)
        sim:mock("fs.read", function(path) return "7" end)
        sim:mock("fs.lines", function(path) return "a\\n\\nb" end)
        sim:load("a.lua", [[
          after(1, { name = 'j' }, function()
            local count = 0
            for line in fs.lines('x') do count = count + 1 end
            return fs.read('/etc/passwd') .. count
          end)
        ]])
        sim:advance("2s")
        expect(sim:runs("j")[1].result):equals("73")
      end)
      """
    try folder.write("a_test.lua", test)
    let tests = try ScriptTests(
      path: folder.path("a_test.lua"), root: folder.path, configuration: Configuration())
    #expect(tests.all.map { $0.run(logger: LogRecorder().logger) } == [nil, nil])
  }

  @Test func `while a script loads, it only reads`() async throws {
    let script = """
      print(fs.exists(fs.data .. '/x'), fs.read(fs.data .. '/x') == nil, #fs.list(fs.data))
      for _, f in ipairs { 'write', 'append', 'mkdir', 'remove', 'rename', 'copy', 'tmp', 'lines' } do
        print(select(2, pcall(fs[f], 'x', 'y')))
      end
      """
    let said = try await said(["a.lua": script], 9, emit: nil)
    #expect(said.first == "false\ttrue\t0")
    #expect(
      said.dropFirst().allSatisfy {
        $0.hasSuffix(" waits, and cannot be called while the script loads")
      }, "\(said)")
    #expect(try folder.names.isEmpty)
  }

  @Test(arguments: [
    ("fs.read()", "the path must be a string, not nil"),
    ("fs.read('')", "the path is empty"),
    ("fs.read('a\\0b')", "the path has a byte 0 in it, which no name can have"),
    ("fs.read('a', 5)", "the options of fs.read must be a table, not 5"),
    ("fs.read('a', { mx = 5 })", "fs.read has no option \"mx\"; did you mean \"max\"?"),
    (
      "fs.read('a', { max = 'big' })",
      "max must be a number of bytes or a size like \"20M\", not \"big\""
    ),
    ("fs.read('a', { max = '1G' })", "max is at most 256 MiB, not 1 GiB"),
    ("fs.write(fs.data .. '/x')", "the text must be a string, not nil"),
    (
      "fs.write(fs.data .. '/x', {1})",
      "the text must be a string, not a table; json.encode makes a text of a table"
    ),
    (
      "fs.write(fs.data .. '/x', 'x', { mode = 640 })",
      "mode must be a string of octal digits like \"640\", not 640"
    ),
    ("fs.write(fs.data .. '/x', 'x', { sync = 1 })", "sync must be true or false, not 1"),
    ("fs.tmp('x')", "fs.tmp takes no arguments: it makes a folder, and returns its path"),
  ])
  func `a wrong argument is an error with its remedy`(_ call: String, _ message: String)
    async throws
  {
    let said = try await said(
      ["a.lua": "on('go', function() print(select(2, pcall(function() return \(call) end))) end)"],
      1)
    #expect(said.count == 1 && said[0].contains(message), "\(said)")
  }

  @Test func `a large text is written and read`() async throws {
    let said = try await said(
      [
        "a.lua": """
        on('go', function()
          local text = ('x'):rep(9 << 20)
          print(fs.write(fs.data .. '/x', text, { sync = false }), fs.read(fs.data .. '/x') == text)
          local path = fs.data .. '/y'
          for i = 1, 12 do
            local ok, why, code = fs.write(path .. i, text, { sync = false })
            if not ok then print(i, code) break end
          end
        end)
        """
      ], 2)
    #expect(said == ["true\ttrue", "11\tno_space"])
  }

  /// Ways in which a run can end while it has a temporary folder.
  private static let endings = [
    "on('go', function() take() end)",
    "on('go', function() take() error('no') end)",
    "on('go', { timeout = '50ms' }, function() take() sleep('1h') end)",
    "on('go', { timeout = '50ms' }, function() take() while true do end end)",
    """
    on('go', { name = 'c' }, function() take() sleep('1h') end)
    on('stop', function() jobs.c:cancel() end)
    """,
    """
    on('go', function() take() sleep('1h') end)
    on('stop', { timeout = '50ms' }, function()
      string.find(string.rep('a', 30), string.rep('a-', 30) .. 'b')
    end)
    """,
    "on('go', { isolate = 'run' }, function() take() error('no') end)",
  ]

  @Test(arguments: endings) func `a temporary folder goes with its run, however that ends`(
    _ ending: String
  ) async throws {
    var configuration = configuration
    configuration.limits.stall = .milliseconds(100)
    let take = """
      local function take()
        local folder = assert(fs.tmp())
        assert(fs.write(folder .. '/x', 'x'))
        assert(fs.mkdir(folder .. '/a/b'))
        print('taken')
      end

      """
    configuration.texts = [(name: "a.lua", source: take + ending)]
    let log = LogRecorder()
    let scheduler = try Scheduler(configuration, logger: log.logger)
    try scheduler.start()
    _ = try await scheduler.jobs
    try scheduler.emit("go")
    for _ in 0..<1_000 where !log.said.contains("taken") {
      try await Task.sleep(for: .milliseconds(10))
    }
    #expect(log.said.contains("taken"))
    try scheduler.emit("stop")
    let tmp = folder.path("files/tmp")
    func left() throws -> [String] {
      try FolderEntries.names(in: tmp).flatMap {
        try FolderEntries.names(in: "\(tmp)/\($0)/tmp/a.lua")
      }
    }
    for _ in 0..<1_000 where try !left().isEmpty { try await Task.sleep(for: .milliseconds(10)) }
    #expect(try left() == [])
    await scheduler.stop()
    #expect(try FolderEntries.names(in: tmp) == [])
  }

  @Test func `a script that floods the pool delays its neighbour by little, and is told`()
    async throws
  {
    let said = try await said(
      [
        "flood.lua": """
        on('go', { backlog = 1000, max_instances = 1000, overlap = 'allow' }, function() end)
        for i = 1, 500 do
          on('go', { name = 'f' .. i }, function()
            for n = 1, 20 do
              local ok, why, code = fs.write(fs.data .. '/' .. i, ('x'):rep(1000))
              if code == 'busy' then emit('busy') return end
            end
          end)
        end
        """,
        "neighbour.lua": """
        on('go', function()
          for n = 1, 20 do assert(fs.write(fs.data .. '/n', tostring(n))) end
          print('done ' .. fs.read(fs.data .. '/n'))
        end)
        """,
      ], 1)
    #expect(said == ["done 20"])
  }

  /// A host that serves a folder with one script, which asks for what it needs and is granted it.
  private func serve(
    _ script: String, _ body: (Scheduler, LogRecorder) async throws -> Void
  ) async throws {
    if FileStatus(of: folder.path("scripts")) == nil { try folder.folder("scripts") }
    try folder.write("scripts/a.lua", script)
    var configuration = configuration
    configuration.paths = [folder.path("scripts")]
    configuration.permissions = .asked
    let log = LogRecorder()
    let scheduler = try Scheduler(configuration, logger: log.logger)
    try scheduler.start()
    scheduler.waitUntilLoaded()
    try await body(scheduler, log)
    await scheduler.stop()
  }

  private func wait(_ log: LogRecorder, for line: String) async throws {
    for _ in 0..<1_000 where !log.said.contains(line) {
      try await Task.sleep(for: .milliseconds(10))
    }
    #expect(log.said.contains(line), "\(log.said)")
  }

  @Test func `an edit of a file that was read while loading reloads the script`() async throws {
    let script = """
      permissions { read = { "config.txt" } }
      print('is ' .. (fs.read("config.txt") or "missing"))
      """
    try await serve(script) { _, log in
      try await wait(log, for: "is missing")
      try folder.write("scripts/config.txt", "one")
      try await wait(log, for: "is one")
      try folder.write("scripts/config.txt", "two")
      try await wait(log, for: "is two")
    }
  }

  @Test func `what is granted is used, and what is denied says what to add`() async throws {
    let script = """
      permissions { read = { "inbox" }, write = { "out" } }
      on('go', function()
        print(fs.read("inbox/a"), fs.mkdir("out/x"), fs.write("out/x/y", "z"), fs.read("out/x/y"))
        local text, why, code = fs.read("../secret")
        print(code)
        print(why)
        print(select(3, fs.read("inbox/link")), select(3, fs.write("inbox/a", "x")))
        print('done')
      end)
      """
    try folder.folder("scripts")
    try folder.folder("scripts/inbox")
    try folder.write("scripts/inbox/a", "content")
    try folder.write("secret", "secret")
    try folder.link("scripts/inbox/link", to: "../../secret")
    try await serve(script) { scheduler, log in
      try scheduler.emit("go")
      try await wait(log, for: "done")
      #expect(log.said.first == "content\ttrue\ttrue\tz")
      #expect(log.said.contains("denied") && log.said.contains("denied\tdenied"))
      #expect(
        log.said.contains { $0.contains("fs.read") && $0.contains("/secret") }, "\(log.said)")
    }
  }
}
