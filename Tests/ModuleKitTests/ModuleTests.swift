import Layers
import ModuleKit
import Moonwheel
import MoonwheelSimulation
import MoonwheelTesting
import TestSupport
import Testing
import ToyModule

/// A module gives scripts its words, in a host, in `check`, in a simulation and in tests.
@Suite(.timeLimit(.minutes(1))) struct ModuleTests {
  private func configuration(_ toy: ToyModule = ToyModule()) throws -> Configuration {
    var configuration = Configuration()
    try configuration.add(toy)
    return configuration
  }

  @Test func `scripts have its functions and its Lua`() async throws {
    let host = try TestScheduler(
      [
        "a.lua": """
        toy.set('loads', 1)
        print(pcall(toy.later, 1))
        on('go', function()
          print(toy.add('n', 2), toy.add('n', 3), toy.get('loads'), toy.later('x'))
          print(toy.get())
        end)
        """
      ], configuration: try configuration())
    try host.scheduler.emit("go")
    for _ in 0..<1_000 where host.log.said.count < 3 {
      try await Task.sleep(for: .milliseconds(10))
    }
    #expect(
      host.log.said == [
        "false\ta.lua:2: toy.later waits, and cannot be called while the script loads",
        "2\t5\t1\tx", "nil\ta key is a string\tkey",
      ])
    await host.stop()
  }

  @Test func `an inspection knows its words`() throws {
    var configuration = try configuration()
    configuration.texts = [(name: "a.lua", source: "every('1m', function() toy.add('n', 1) end)")]
    let inspection = try Inspection(configuration)
    #expect(inspection.errors.isEmpty && inspection.warnings.isEmpty)
    configuration.texts = [(name: "a.lua", source: "every('1m', function() toi.add('n', 1) end)")]
    let wrong = try Inspection(configuration).warnings.map(\.message)
    #expect(wrong.count == 1 && wrong[0].contains("toy"), "\(wrong)")
  }

  @Test func `a simulation has its twin, and refuses what has none`() throws {
    let (simulation, trace) = try Simulation.load(
      [
        "a.lua": """
        every('1m', function()
          print(toy.add('n', 1))
          print(toy.lock('k'))
        end)
        """
      ], configure: { try $0.add(ToyModule()) })
    try simulation.run(for: .seconds(120))
    #expect(
      trace.lines == [
        "1", "nil\ttoy.lock is not mocked: sim:mock(\"toy.lock\", ...)\tsimulated",
        "2", "nil\ttoy.lock is not mocked: sim:mock(\"toy.lock\", ...)\tsimulated",
      ])
  }

  @Test func `a test in Lua mocks it`() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      "a.lua",
      "every('1m', { name = 'a' }, function() return { toy.lock('k'), toy.add('n', 1) } end)")
    try folder.write(
      "a_test.lua",
      """
      test("a lock", function(sim)
        sim:mock("toy.lock", function(key) return key .. "!" end)
        sim:mock("toy.get", function() return 41 end)
        sim:load("a.lua")
        sim:advance("1m")
        expect(sim:runs("a")[1].result):equals { "k!", 42 }
      end)
      """)
    let tests = try ScriptTests(
      path: folder.path("a_test.lua"), root: folder.path, configuration: try configuration())
    #expect(tests.all.map { $0.run(logger: LogRecorder().logger) } == [nil])
  }

  @Test func `its name must be free`() throws {
    var configuration = try configuration()
    #expect {
      try configuration.add(ToyModule())
    } throws: { "\($0)" == "there is a module \"toy\" already" }
    let scheduler = try Scheduler(configuration)
    #expect {
      try scheduler.register("toy.more") { _ in .nil }
    } throws: { "\($0)" == "\"toy\" is a module of this scheduler; choose another name" }
    struct Log: ScriptModule {
      let name = "log"
      let functions = [ModuleFunction("more") { _ in .nil }]
    }
    #expect {
      try configuration.add(Log())
    } throws: { "\($0)" == "\"log\" is a word of the Lua API; choose another name" }
    #expect(configuration.moduleStubs.contains("function toy.get(key) end"))
  }

  @Test func `a module whose Lua is wrong is named by the scripts that do not load`() async throws {
    struct Broken: ScriptModule {
      let name = "broken"
      let functions: [ModuleFunction] = []
      let lua: String
    }
    for (lua, part) in [("x = = 1", "near"), ("error('no')", "no")] {
      var configuration = Configuration()
      try configuration.add(Broken(lua: lua))
      configuration.texts = [(name: "a.lua", source: "every('1h', function() end)")]
      let scheduler = try Scheduler(configuration, logger: LogRecorder().logger)
      try scheduler.start()
      let errors = try await scheduler.reload()
      #expect(errors.count == 1 && "\(errors)".contains(part), "\(errors)")
      await scheduler.stop()
    }
  }

  /// Ways in which a run can end while it holds a lock. `go` starts it; `stop` may end it.
  private static let endings: [(name: String, script: String)] = [
    ("return", "on('go', function() toy.lock('k') end)"),
    ("error", "on('go', function() toy.lock('k') error('no') end)"),
    ("timeout", "on('go', { timeout = '50ms' }, function() toy.lock('k') sleep('1h') end)"),
    ("computing", "on('go', { timeout = '50ms' }, function() toy.lock('k') while true do end end)"),
    (
      "drop",
      """
      on('go', { timeout = '50ms' }, function()
        toy.lock('k')
        local x <close> = setmetatable({}, { __close = function() while true do end end })
        while true do end
      end)
      """
    ),
    (
      "cancel",
      """
      on('go', { name = 'c' }, function() toy.lock('k') sleep('1h') end)
      on('stop', function() jobs.c:cancel() end)
      """
    ),
    (
      "eviction of another",
      """
      on('go', function() toy.lock('k') sleep('1h') end)
      on('stop', { timeout = '50ms' }, function()
        local text = string.rep('a', 30)
        string.find(text, string.rep('a-', 30) .. 'b')
      end)
      """
    ),
    ("private isolate", "on('go', { isolate = 'run' }, function() toy.lock('k') error('no') end)"),
    ("retry", "on('go', { retry = 1 }, function(run) toy.lock('k') error('no') end)"),
  ]

  @Test(arguments: endings)
  func `what a run holds is released, however it ends`(
    _ ending: (name: String, script: String)
  ) async throws {
    let toy = ToyModule()
    var configuration = try configuration(toy)
    configuration.limits.stall = .milliseconds(100)
    configuration.texts = [(name: "a.lua", source: ending.script)]
    let scheduler = try Scheduler(configuration, logger: LogRecorder().logger)
    try scheduler.start()
    _ = try await scheduler.jobs
    try scheduler.emit("go")
    try await Task.sleep(for: .milliseconds(20))
    try scheduler.emit("stop")
    for _ in 0..<1_000 where toy.releaseCount == 0 || !toy.locked.isEmpty {
      try await Task.sleep(for: .milliseconds(10))
    }
    #expect(toy.releaseCount >= 1 && toy.locked.isEmpty)
    await scheduler.stop()
  }

  @Test func `what a load holds is released at its end`() async throws {
    let toy = ToyModule()
    let host = try TestScheduler(
      ["a.lua": "toy.lock('load') every('1h', function() end)"],
      configuration: try configuration(toy))
    #expect(toy.locked.isEmpty && toy.releaseCount == 1)
    await host.stop()
  }

  @Test func `a stop releases what runs hold`() async throws {
    let toy = ToyModule()
    var configuration = try configuration(toy)
    configuration.shutdownTimeout = .milliseconds(50)
    configuration.texts = [
      (name: "a.lua", source: "on('go', function() toy.lock('a') sleep('1h') end)"),
      (name: "b.lua", source: "on('go', function() toy.lock('b') toy.later(1) wait('never') end)"),
    ]
    let scheduler = try Scheduler(configuration, logger: LogRecorder().logger)
    try scheduler.start()
    _ = try await scheduler.jobs
    try scheduler.emit("go")
    for _ in 0..<1_000 where toy.locked.count < 2 { try await Task.sleep(for: .milliseconds(10)) }
    #expect(toy.locked == ["a", "b"])
    await scheduler.stop()
    #expect(toy.locked.isEmpty && toy.releaseCount == 2)
  }

  @Test func `a reload lets a run of the version before keep what it holds`() async throws {
    let toy = ToyModule()
    let folder = try TemporaryFolder()
    try folder.write("a.lua", "on('go', function() toy.lock('k') wait('end') end)")
    var configuration = try configuration(toy)
    configuration.paths = [folder.path]
    configuration.watches = false
    let scheduler = try Scheduler(configuration, logger: LogRecorder().logger)
    try scheduler.start()
    _ = try await scheduler.jobs
    try scheduler.emit("go")
    for _ in 0..<1_000 where toy.locked.isEmpty { try await Task.sleep(for: .milliseconds(10)) }
    try folder.write("a.lua", "on('go', function() end)")
    #expect(try await scheduler.reload().isEmpty)
    #expect(toy.locked == ["k"])
    try scheduler.emit("end")
    for _ in 0..<1_000 where !toy.locked.isEmpty { try await Task.sleep(for: .milliseconds(10)) }
    #expect(toy.locked.isEmpty)
    await scheduler.stop()
  }
}
