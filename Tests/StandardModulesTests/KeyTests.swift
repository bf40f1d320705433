import Layers
import MoonwheelModel
import MoonwheelSimulation
import MoonwheelTesting
import SQLiteJobStore
import TestSupport
import Testing

@testable import Moonwheel
@testable import ScriptHost

/// `kv` in hosts, simulations and tests; what scripts see of it in the small is in `Story.keys`.
@Suite(.timeLimit(.minutes(3))) struct KeyTests {
  /// Two scripts, each with a hundred runs, that add together.
  private static func adders(_ count: Int) -> KeyValuePairs<String, String> {
    let script = """
      permissions { kv = { "n", "done" } }
      on("go", { overlap = "allow", max_instances = 100 }, function()
        for _ = 1, \(count / 200) do assert(kv.add("n")) end
        if kv.add("done") == 200 then print("all", (kv.get("n"))) end
      end)
      """
    return ["a.lua": script, "b.lua": script]
  }

  private func host(
    _ scripts: KeyValuePairs<String, String>, _ store: Store, _ log: LogRecorder,
    configure: (inout Configuration) -> Void = { _ in }
  ) throws -> Scheduler {
    var configuration = Configuration()
    configuration.texts = scripts.map { (name: $0.key, source: $0.value) }
    configuration.permissions = .asked
    configure(&configuration)
    let scheduler = try Scheduler(configuration, store: store, logger: log.logger)
    try scheduler.start()
    scheduler.waitUntilLoaded()
    scheduler.waitUntilIdle()
    return scheduler
  }

  private func waitFor(_ count: Int, in log: LogRecorder) async throws -> [String] {
    for _ in 0..<12_000 where log.said.count < count {
      try await Task.sleep(for: .milliseconds(10))
    }
    return log.said
  }

  @Test(arguments: [false, true])
  func `two scripts that add lose nothing`(isDurable: Bool) async throws {
    let folder = try TemporaryFolder()
    let count = Environment.value(of: "MOONWHEEL_KEY_ADDS").flatMap { Int($0) } ?? 20_000
    let log = LogRecorder()
    let scheduler = try host(
      Self.adders(count), isDurable ? .sqlite(folder.path("store.db")) : .memory, log)
    for _ in 0..<100 { try scheduler.emit("go") }
    #expect(try await waitFor(1, in: log) == ["all\t\(count)"])
    await scheduler.stop()
  }

  /// The lines of a host that begins at a second, and handles `go` once.
  private func lines(
    of scripts: KeyValuePairs<String, String>, at second: Int64, _ path: String
  ) async throws -> [String] {
    let log = LogRecorder()
    var configuration = Configuration()
    configuration.texts = scripts.map { (name: $0.key, source: $0.value) }
    configuration.shutdownTimeout = .milliseconds(100)
    let scheduler = try Scheduler(
      configuration, store: SQLiteJobStore(path: path), logger: log.logger,
      clock: ManualClock(wall: Timestamp(seconds: 1_767_225_600 + second)))
    try scheduler.start()
    scheduler.waitUntilLoaded()
    scheduler.waitUntilIdle()
    try scheduler.emit("go")
    scheduler.waitUntilIdle()
    await scheduler.stop()
    return log.said
  }

  @Test func `a restart finds what was acknowledged, and what has expired is told`() async throws {
    let folder = try TemporaryFolder()
    let path = folder.path("store.db")
    let writer = """
      on("go", function()
        kv.set("self.a", { list = { 1, "x" } })
        kv.set("self.short", 1, { ttl = 5 })
        print("set", kv.set("self.b", 1))
      end)
      """
    #expect(try await lines(of: ["a.lua": writer], at: 0, path) == ["set\t3"])
    let reader = """
      on("kv.self.short", function(e) print(e.payload.deleted, e.payload.expired) end)
      on("go", function() print(kv.get("self.a").list[2], kv.get("self.b"), kv.get("self.short")) end)
      """
    let other = "on('go', function() print('b', (kv.get('self.a'))) end)"
    let said = try await lines(of: ["a.lua": reader, "b.lua": other], at: 10, path)
    #expect(said.first == "true\ttrue")
    #expect(said.dropFirst().sorted() == ["b\tnil", "x\t1\tnil\tnil"].sorted())
  }

  @Test func `what a script has not asked for is denied, and it does not hear of it`() async throws
  {
    var configuration = Configuration()
    configuration.permissions = .asked
    let host = try TestScheduler(
      [
        "a.lua": """
        permissions { kv = { "mine.*" } }
        on("kv.**", function(e) print("heard", e.payload.key) end)
        after("1s", function()
          print(kv.set("mine.a", 1), #kv.list("mine."), kv.set("self.a", 1))
          for _, f in ipairs { kv.get, kv.add, kv.delete, kv.list } do print((select(3, f("theirs.a")))) end
          print(select(3, kv.set("mines", 1)), select(3, kv.list("min")), select(3, kv.list()))
        end)
        """,
        "b.lua": """
        permissions { kv = { "theirs.*" } }
        after("2s", function() kv.set("theirs.a", 1) end)
        """,
      ], configuration: configuration)
    host.advance(by: .seconds(3))
    let denied = [String](repeating: "denied", count: 4)
    let said = host.log.said.filter { !$0.hasPrefix("heard") }
    #expect(said == ["1\t1\t1"] + denied + ["denied\tdenied\tdenied"])
    let heard = host.log.said.filter { $0.hasPrefix("heard") }.sorted()
    #expect(heard == ["heard\tmine.a", "heard\tself.a"])
    await host.stop()
  }

  @Test func `many changes of a key are told as few, and the last one always`() async throws {
    let host = try TestScheduler([
      "a.lua": """
      local heard = 0
      on("kv.self.a", function(e) heard = heard + 1 sleep(1) print(heard, e.payload.version) end)
      on("kv.**", { name = "all" }, function(e) sleep(0.1) end)
      after(1, function()
        local version
        for i = 1, 2000 do version = kv.set("self.a", i) end
        print("last", version)
      end)
      """
    ])
    host.advance(by: .seconds(20))
    #expect(host.log.said.first == "last\t2000")
    let heard = host.log.said.dropFirst()
    #expect(heard.last?.hasSuffix("\t2000") == true && heard.count == 2, "\(heard)")
    #expect(host.scheduler.environment.keyEventCount == 0)
    await host.stop()
  }

  @Test func `a script does not hear of what another one has for itself`() async throws {
    let watch = """
      on("kv.self.*", function(e) print(e.payload.script) end)
      after("1s", function() print("waited", wait("kv.self.a", 2) ~= nil) end)
      """
    let host = try TestScheduler([
      "a.lua": watch,
      "b.lua": watch,
      "c.lua": "after('2s', function() kv.set('self.a', 1) end)",
      "d.lua": watch + " after('2s', function() kv.set('self.a', 1) end)",
    ])
    host.advance(by: .seconds(4))
    #expect(host.log.said.sorted() == ["d.lua", "waited\tfalse", "waited\tfalse", "waited\ttrue"])
    await host.stop()
  }

  @Test func `values keep what events keep`() async throws {
    let host = try TestScheduler([
      "a.lua": """
      after("1s", function()
        kv.set("self.a", { 1.0, "x\\0\\xff", { k = { true } }, [10] = false, [2.5] = math.mininteger })
        local v = kv.get("self.a")
        print(math.type(v[1]), #v[2], v[3].k[1], v[10], v[2.5] == math.mininteger)
        print(kv.set("self.big", ("x"):rep(65531)) ~= nil, select(3, kv.set("self.big", ("x"):rep(65533))))
      end)
      """
    ])
    host.advance(by: .seconds(2))
    #expect(host.log.said == ["float\t3\ttrue\tfalse\ttrue", "true\ttoo_large"])
    await host.stop()
  }

  @Test func `a run that ends while it waits leaves nothing`() async throws {
    let log = LogRecorder()
    let scheduler = try host(
      [
        "a.lua": """
        on("go", { overlap = "allow", max_instances = 100, timeout = "300ms" }, function()
          local finally <close> = setmetatable({}, { __close = function() print("end") end })
          while true do kv.set("self.a", ("x"):rep(60000)) end
        end)
        """
      ], .memory, log)
    for _ in 0..<20 { try scheduler.emit("go") }
    #expect(try await waitFor(20, in: log).count == 20)
    scheduler.waitUntilIdle()
    let held = scheduler.memory.first { $0.script == "a.lua" }?.host ?? -1
    #expect(held < 100_000, "\(held) bytes are left")
    await scheduler.stop()
  }

  @Test func `a script that floods the store hardly delays the keys of another`() async throws {
    let folder = try TemporaryFolder()
    let log = LogRecorder()
    let scheduler = try host(
      [
        "flood.lua": """
        on("go", { overlap = "allow", max_instances = 200, timeout = "3s" }, function(event)
          local text = ("x"):rep(60000)
          while true do kv.set("self.k" .. event.payload, text) end
        end)
        """,
        "neighbour.lua": """
        on("begin", function()
          local worst = 0
          for i = 1, 20 do
            local begun = now()
            assert(kv.add("self.n"))
            worst = math.max(worst, now() - begun)
            sleep(0.05)
          end
          print(worst)
        end)
        """,
      ], .sqlite(folder.path("store.db")), log)
    for number in 1...100 as ClosedRange<Int64> { try scheduler.emit("go", .integer(number)) }
    try scheduler.emit("begin")
    let worst = try #require(try await waitFor(1, in: log).first.flatMap { Double($0) })
    print("  the neighbour waited \(worst) s at most")
    #expect(worst < 2)
    await scheduler.stop()
  }

  @Test func `a store that fails is told by a code, and no run hangs`() async throws {
    let folder = try TemporaryFolder()
    let log = LogRecorder()
    let scheduler = try host(
      ["a.lua": "on('go', function() print(tostring((select(3, kv.add('self.n'))))) end)"],
      .sqlite(folder.path("f/store.db")), log)
    try scheduler.emit("go")
    #expect(try await waitFor(1, in: log) == ["nil"])
    folder.remove("f")
    try scheduler.emit("go")
    #expect(try await waitFor(2, in: log)[1] == "store")
    await scheduler.stop()
  }

  @Test func `a test in Lua has keys of its own, over outages, and can mock them`() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      "a.lua",
      """
      every("1m", { name = "a" }, function() return (kv.add("self.n")) end)
      on("kv.self.short", { name = "gone" }, function(e) return e.payload.expired or false end)
      at("2026-01-01 00:00:30", { name = "short" }, function() kv.set("self.short", 1, { ttl = "90s" }) end)
      at("2026-01-01 00:01:59.9999", { name = "still" }, function() return (kv.get("self.short")) end)
      """)
    try folder.write(
      "a_test.lua",
      """
      test("keys", { from = "2026-01-01" }, function(sim)
        sim:load("a.lua")
        sim:advance("150s")
        expect(sim:runs("a")[2].result):equals(2)
        expect(sim:runs("still")[1].result):equals(1)
        expect(#sim:events("kv.self.short")):equals(2)
        expect(sim:runs("gone")[2].result):equals(true)
        expect(sim:runs("gone")[2].scheduled_at):equals(sim:runs("short")[1].scheduled_at + 90)
      end)
      test("an outage", { from = "2026-01-01" }, function(sim)
        sim:load("a.lua")
        sim:advance("40s")
        sim:outage("10m")
        sim:advance("1m")
        expect(sim:runs("gone")[2].result):equals(true)
        expect(sim:runs("a")[1].result):equals(1)
      end)
      test("nothing is left of the test before", { from = "2026-01-01" }, function(sim)
        sim:load("a.lua")
        sim:advance("1m")
        expect(sim:runs("a")[1].result):equals(1)
      end)
      test("a mock", { from = "2026-01-01" }, function(sim)
        sim:mock("kv.add", function(key) return key .. "!" end)
        sim:mock("kv.get", function() return 41 end)
        sim:load("a.lua")
        sim:advance("2m")
        expect(sim:runs("a")[1].result):equals("self.n!")
        expect(sim:runs("still")[1].result):equals(41)
      end)
      """)
    let tests = try ScriptTests(
      path: folder.path("a_test.lua"), root: folder.path, configuration: Configuration())
    #expect(tests.all.map { $0.run(logger: LogRecorder().logger) } == [nil, nil, nil, nil])
  }

  @Test func `simulations with equal seeds do equal things with keys`() throws {
    func lines() throws -> [String] {
      let script = """
        every("1 to 3 seconds", function(run) print(run.n, kv.add("self.n", 1, { ttl = "20s" })) end)
        on("kv.self.n", function(e) print(e.payload.version, e.payload.expired, e.payload.script) end)
        """
      let (simulation, trace) = try Simulation.load(["a.lua": script, "b.lua": script])
      try simulation.run(for: .seconds(120))
      return trace.lines
    }
    let first = try lines()
    #expect(first.count > 100 && first.contains { $0.contains("\ttrue\t") })
    #expect(try lines() == first)
  }
}
