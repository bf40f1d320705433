import Glibc
import Layers
import Logging
import MoonwheelTesting
import SQLiteJobStore
import Synchronization
import SystemCalls
import TestSupport
import Testing
import WorkerPool

@testable import Moonwheel
@testable import MoonwheelSimulation
@testable import ScriptHost

/// No input of a script may end the process. Scripts call every word of the API with senseless arguments: while
/// loading, in callbacks, hooks, predicates, trigger functions, coroutines and comparators; on the real clock, on a
/// manual one, in simulations and in tests.
///
/// A trap ends the test process, after a line with the seed and one with the last call. MOONWHEEL_FUZZ_SECONDS sets the
/// duration of each test, MOONWHEEL_FUZZ_SEED the first seed.
@Suite(.serialized) struct APIFuzzTests {
  private static func number(_ variable: String) -> UInt64? {
    guard let text = unsafe getenv(variable) else { return nil }
    return unsafe UInt64(String(cString: text))
  }

  /// Calls the body with one seed after the other until the time is over, at least once.
  private static func each(_ what: String, _ body: (UInt64) async throws -> Void) async throws {
    LastCall.watch()
    let end = Clocks.monotonic() + Int64(number("MOONWHEEL_FUZZ_SECONDS") ?? 2) * 1_000_000_000
    var seed = number("MOONWHEEL_FUZZ_SEED") ?? .random(in: 1...1_000_000_000)
    repeat {
      // Unbuffered: the line must be out if the process ends at once.
      for line in ["fuzz of \(what): seed \(seed)\n"] {
        _ = unsafe line.withCString { unsafe write(STDERR_FILENO, $0, strlen($0)) }
      }
      try await body(seed)
      seed += 1
    } while Clocks.monotonic() < end
  }

  private static func configuration(_ scripts: [(name: String, source: String)]) -> Configuration {
    var configuration = Configuration()
    configuration.texts = scripts
    configuration.timeZone = "Europe/Berlin"
    configuration.workers = 2
    configuration.seed = 1
    configuration.jobLimit = 1_000
    configuration.evictionsBeforePause = 1_000_000
    configuration.shutdownTimeout = .seconds(0.1)
    configuration.outputBurst = 1 << 30
    configuration.limits.memory = 32 << 20
    configuration.logEvents = "**"
    return configuration
  }

  /// Functions as embedders write them, which do not check the number of arguments.
  private static func register(on scheduler: Scheduler) throws {
    try scheduler.register("note") { arguments in
      LastCall.record(arguments[0].text ?? "")
      return .nil
    }
    try scheduler.register("host_echo") { arguments in
      [.list(Array(arguments[1...])), arguments[7], .list(Array(arguments[2..<9])), arguments[0]]
    }
    try scheduler.registerAsync("host_slow") { arguments in
      guard arguments[1].isNil else { throw Refusal("\(arguments[2])") }
      return arguments.last ?? arguments[3]
    }
  }

  private static let neighbour = "every('20ms', { name = 'tick' }, function() tick() end)"

  @Test(.timeLimit(.minutes(30)))
  func `on the real clock nothing traps, and a neighbour continues`() async throws {
    try await Self.each("a host") { seed in
      let ticks = Condition(0)
      let script = FuzzScript.text(seed: seed, note: "note", calls: 6)
      let folder = try TemporaryFolder()
      let store: any JobStore =
        seed % 2 == 0 ? SQLiteJobStore(path: folder.path("fuzz.db")) : MemoryJobStore()
      let scheduler = try Scheduler(
        Self.configuration([("fuzz.lua", script), ("neighbour.lua", Self.neighbour)]), store: store,
        logger: Logger(label: "fuzz") { _ in PassingLog() })
      try Self.register(on: scheduler)
      try scheduler.register("tick") { _ in
        ticks.withLock { $0 += 1 }
        ticks.signal()
        return .nil
      }
      try scheduler.start()
      scheduler.waitUntilLoaded()
      _ = ticks.wait(until: Clocks.monotonic() + 700_000_000) { _ -> Bool? in nil }
      let before = ticks.withLock { $0 }
      let after = ticks.wait(until: Clocks.monotonic() + 20_000_000_000) { $0 > before ? $0 : nil }
      #expect(after != nil, "the neighbour does not tick any more; seed \(seed)")
      await scheduler.stop()
    }
  }

  @Test(.timeLimit(.minutes(30)))
  func `in a simulation nothing traps`() async throws {
    try await Self.each("a simulation") { seed in
      let script = FuzzScript.text(seed: seed, note: "note", calls: 4)
      var configuration = Self.configuration([("fuzz.lua", script)])
      configuration.isDry = seed % 5 == 0
      let simulation = try Simulation(
        configuration, from: Timestamp(seconds: 1_774_656_000),
        functions: [
          Simulation.Function("note") {
            LastCall.record($0[0].text ?? "")
            return .nil
          }, Simulation.Function("host_echo") { $0[3] },
        ])
      try simulation.load()
      try simulation.plan(outageAt: Timestamp(seconds: 1_774_656_001), for: 0.5)
      try simulation.plan(clockStepAt: Timestamp(seconds: 1_774_656_001), by: -3_600)
      try simulation.run(for: 1.5)
    }
  }

  @Test(.timeLimit(.minutes(30)))
  func `in tests of scripts nothing traps`() async throws {
    let sim = #"""
      local sim
      for name in gmatch("load run advance emit trigger outage step_clock reload runs events log now mock x", "%S+") do
        word("sim:" .. name, function(...) return sim[name](sim, ...) end)
        word("sim." .. name, function(...) return sim[name](...) end)
      end
      for name in gmatch("equals is matches contains raises is_nil has_length at_least at_most near never x", "%S+") do
        word("expect:" .. name, function(a, ...) return expect(a)[name](expect(a), ...) end)
      end
      local fuzzed = start
      function start()
        pcall(fuzzed)
        for i = 1, 4 do
          test("fuzz " .. i, { tz = "Europe/Berlin", from = 1774656000 }, function(given)
            sim = given
            pcall(sim.mock, sim, "outside", S.F)
            pcall(sim.load, sim, "a.lua", [[
              every("1000h", { name = "a", catchup = "all", cpu = "106751d", jitter = "59m" }, function() return outside(1) end)
              on("**", { name = "b", debounce = "106751d" }, function() end)
              on("fuzz.a", { name = "c", timeout = { soft = "1s", hard = "106751d" }, retry = 3 }, function(e) error(e) end)
            ]])
            pcall(sim.advance, sim, "2h")
            for _ = 1, calls * 4 do call() end
          end)
        end
      end
      """#
    try await Self.each("tests") { seed in
      let folder = try TemporaryFolder()
      let text = FuzzScript.text(seed: seed, note: "print", calls: 5, extra: sim)
      try folder.write("fuzz_test.lua", text)
      let tests = try ScriptTests(
        path: folder.path("fuzz_test.lua"), root: folder.path, configuration: Self.configuration([])
      )
      #expect(tests.all.count >= 4)
      for test in tests.all { _ = test.run(logger: Logger(label: "fuzz") { _ in NotingLog() }) }
    }
  }
}

/// Formats each record, as a log does, and drops it.
private struct PassingLog: LogHandler {
  var logLevel = Logger.Level.trace
  var metadata = Logger.Metadata()

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) { _ = "\(event.message) \(event.metadata ?? [:])".utf8.count }
}

/// Records each printed line as the next call.
private struct NotingLog: LogHandler {
  var logLevel = Logger.Level.trace
  var metadata = Logger.Metadata()

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) { LastCall.record("\(event.message)") }
}
