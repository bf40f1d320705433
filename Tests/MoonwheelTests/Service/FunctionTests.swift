import Layers
import Moonwheel
import MoonwheelTesting
import Synchronization
import Testing

/// Swift functions with types, and what their calls hold.
@Suite(.timeLimit(.minutes(1))) struct FunctionTests {
  @Test func `a typed function reads its arguments and names a wrong one`() async throws {
    let host = try TestScheduler([
      "a.lua": """
      print(price('cake'), price('cake', 3))
      print(pcall(price))
      print(pcall(price, 'cake', 'many'))
      print(names { 'b', 'a' }, totals({ x = 1.5 }).x, #names {})
      """
    ]) { scheduler in
      try scheduler.register("price", arguments: ["item", "count"]) {
        (item: String, count: Int?) in Double(count ?? 1) * 4.5
      }
      try scheduler.register("names") { (names: [String]) in names.sorted().joined() }
      try scheduler.register("totals") { (totals: [String: Double]) in
        totals.mapValues { $0 * 2 }
      }
    }
    #expect(
      host.log.said == [
        "4.5\t13.5",
        "false\ta.lua:2: bad argument #1 (item): a string expected, not nil",
        "false\ta.lua:3: bad argument #2 (count): an integer or nil expected, not \"many\"",
        "ab\t3.0\t0",
      ])
    await host.stop()
  }

  @Test func `a function without a result, and names that cannot be`() async throws {
    let noted = Mutex<[String]>([])
    let host = try TestScheduler(["a.lua": "print(note('x'), pcall(note))"]) { scheduler in
      try scheduler.register("note", arguments: ["text"]) { (text: String) in
        noted.withLock { $0.append(text) }
      }
      for (name, why) in [
        ("note", "\"note\" is registered already"),
        ("note.more", "\"note.more\" and \"note\", which is registered, cannot both be there"),
        ("end", "\"end\" is a keyword of Lua; choose another name"),
        ("shop.end", "\"end\" is a keyword of Lua; choose another name"),
      ] {
        #expect { try scheduler.register(name) { _ in .nil } } throws: { "\($0)" == why }
      }
    }
    #expect(noted.withLock { $0 } == ["x"])
    #expect(
      host.log.said == [
        "nil\tfalse\ta.lua:1: bad argument #1 (text): a string expected, not nil"
      ])
    await host.stop()
  }

  /// How often tasks of a function were cancelled, and how often they ended.
  private final class Tally: Sendable {
    let cancelled = Atomic<Int>(0)

    /// Waits until its task is cancelled.
    func waitForEver() async throws -> Value {
      do {
        while true { try await Task.sleep(for: .seconds(60)) }
      } catch {
        cancelled.add(1, ordering: .sequentiallyConsistent)
        throw error
      }
    }

    func reaches(_ count: Int) async throws -> Bool {
      for _ in 0..<500 {
        if cancelled.load(ordering: .sequentiallyConsistent) >= count { return true }
        try await Task.sleep(for: .milliseconds(10))
      }
      return false
    }
  }

  private static let endings: [(name: String, script: String)] = [
    ("timeout", "on('go', { timeout = '100ms' }, function() wait_for_ever() end)"),
    (
      "drop",
      "on('go', { timeout = '50ms' }, function() local x <close> = setmetatable({}, { __close = function() wait_for_ever() end }) wait_for_ever() end)"
    ),
    (
      "cancel",
      "on('go', { name = 'c' }, function() wait_for_ever() end) on('stop', function() jobs.c:cancel() end)"
    ),
    ("pcall", "on('go', { timeout = '100ms' }, function() pcall(wait_for_ever) sleep('1m') end)"),
    (
      "coroutine dropped",
      "on('go', { timeout = '100ms' }, function() local f = coroutine.wrap(function() wait_for_ever() end) f() end)"
    ),
  ]

  @Test(arguments: endings)
  func `a task is cancelled when its run ends`(
    _ ending: (name: String, script: String)
  ) async throws {
    let tally = Tally()
    var configuration = Configuration()
    configuration.texts = [(name: "a.lua", source: ending.script)]
    let scheduler = try Scheduler(configuration, logger: LogRecorder().logger)
    try scheduler.registerAsync("wait_for_ever") { _ in try await tally.waitForEver() }
    try scheduler.start()
    _ = try await scheduler.jobs
    try scheduler.emit("go")
    try await Task.sleep(for: .milliseconds(20))
    try scheduler.emit("stop")
    #expect(try await tally.reaches(1))
    await scheduler.stop()
  }

  @Test func `a task is cancelled by an eviction of its script and by a stop`() async throws {
    let tally = Tally()
    var configuration = Configuration()
    configuration.shutdownTimeout = .milliseconds(50)
    configuration.texts = [
      (
        name: "a.lua",
        source: """
        on('go', function() wait_for_ever() end)
        on('stuck', { timeout = '50ms' }, function()
          local text = string.rep('a', 30)
          string.find(text, string.rep('a-', 30) .. 'b')
        end)
        """
      ), (name: "b.lua", source: "on('go', function() wait_for_ever() end)"),
    ]
    configuration.limits.stall = .milliseconds(200)
    let log = LogRecorder()
    let scheduler = try Scheduler(configuration, logger: log.logger)
    try scheduler.registerAsync("wait_for_ever") { _ in try await tally.waitForEver() }
    try scheduler.start()
    _ = try await scheduler.jobs
    try scheduler.emit("go")
    try await Task.sleep(for: .milliseconds(50))
    try scheduler.emit("stuck")
    #expect(try await tally.reaches(1), "the eviction")
    #expect(tally.cancelled.load(ordering: .sequentiallyConsistent) == 1, "b.lua goes on")
    await scheduler.stop()
    #expect(try await tally.reaches(2), "the stop")
  }

  @Test func `a function that ends leaves nothing behind, over many calls of one run`() async throws
  {
    let host = try TestScheduler([
      "a.lua": "on('go', function() for i = 1, 1000 do quick() end print('done') end)"
    ]) { scheduler in
      try scheduler.registerAsync("quick") { _ in 1 }
    }
    try host.scheduler.emit("go")
    for _ in 0..<6_000 where !host.log.said.contains("done") {
      try await Task.sleep(for: .milliseconds(10))
    }
    #expect(host.log.said == ["done"])
    await host.stop()
  }
}
