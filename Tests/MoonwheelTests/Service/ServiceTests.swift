import Layers
import Logging
import MoonwheelTesting
import ServiceLifecycle
import TestSupport
import Testing
import WorkerPool

@testable import Moonwheel
@testable import ScriptHost

/// The life of the scheduler as a service, on the machine's clock.
@Suite struct ServiceTests {
  private func scheduler(
    _ script: String, log: LogRecorder = LogRecorder(), shutdownTimeout: Double = 10
  ) throws -> Scheduler {
    var configuration = Configuration()
    configuration.texts = [(name: "a.lua", source: script)]
    configuration.shutdownTimeout = .seconds(shutdownTimeout)
    return try Scheduler(configuration, logger: log.logger)
  }

  private func group(_ scheduler: Scheduler) -> ServiceGroup {
    ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: [.init(service: scheduler)], logger: Logger(label: "group")))
  }

  private static let sleeper = """
    after('1ms', function()
      emit('told', 'begun')
      wait('finish', '10m')
      emit('told', 'ended')
    end)
    """

  @Test func `a graceful shutdown lets a waiting run end`() async throws {
    let scheduler = try scheduler(Self.sleeper)
    let told = try EventRecorder("told | scheduler.*", of: scheduler)
    let group = group(scheduler)
    async let served: Void = group.run()
    #expect(try await told.reaches { $0.count == 2 })
    await group.triggerGracefulShutdown()
    #expect(try await told.reaches { $0.contains { $0.name == "scheduler.stopping" } })
    try scheduler.emit("finish")
    try await served
    let names = told.events.map { $0.payload.text ?? $0.name }
    // The job may start before the event that all scripts have loaded.
    #expect(names.prefix(2).sorted() == ["begun", "scheduler.started"])
    #expect(names.dropFirst(2) == ["scheduler.stopping", "ended"])
  }

  /// This test is not `async`, so it may block its thread.
  @Test func `a blocking stop waits for the end of a waiting run`() throws {
    let scheduler = try scheduler(Self.sleeper)
    let hasBegun = Condition(false)
    try scheduler.observe("told") { _ in
      hasBegun.withLock { $0 = true }
      hasBegun.signal()
    }
    try scheduler.start()
    hasBegun.wait(while: { !$0 })
    scheduler.beginStop()
    #expect(scheduler.waitUntilStopped(atMost: 1_000_000) == false)
    try scheduler.emit("finish")
    scheduler.waitUntilStopped()
    #expect(scheduler.waitUntilStopped(atMost: 0))
  }

  @Test func `no fire comes after a shutdown has begun`() async throws {
    let scheduler = try scheduler(Self.sleeper + "\nevery('5ms', function() emit('fire') end)")
    let told = try EventRecorder("told", of: scheduler)
    #expect(try await fires(of: scheduler) { _ = try await told.reaches { $0.count == 1 } } > 0)
    #expect(told.events.map(\.payload) == ["begun", "ended"])
  }

  /// Stops the scheduler once `isDue` returns. Returns the number of fires before the event of the stop, and checks
  /// that none come after it.
  private func fires(of scheduler: Scheduler, until isDue: () async throws -> Void) async throws
    -> Int
  {
    let events = try EventRecorder("fire | scheduler.stopping", of: scheduler)
    try scheduler.start()
    try await isDue()
    #expect(try await events.reaches { $0.contains { $0.name == "fire" } })
    async let stopped: Void = scheduler.stop()
    #expect(try await events.reaches { $0.contains { $0.name == "scheduler.stopping" } })
    try scheduler.emit("finish")
    await stopped
    let names = events.events.map(\.name)
    let before = names.prefix { $0 == "fire" }.count
    // Fires that were due before may still be on a worker when the event comes.
    #expect(names.count - before <= 3)
    return before
  }

  @Test func `a cancellation interrupts runs`() async throws {
    let log = LogRecorder()
    let scheduler = try scheduler(
      "after('1ms', function() emit('told', 'begun') sleep('1h') emit('told', 'ended') end)",
      log: log)
    let told = try EventRecorder("told", of: scheduler)
    let task = Task { try await scheduler.run() }
    #expect(try await told.reaches { $0.count == 1 })
    task.cancel()
    try await task.value
    #expect(told.events.count == 1)
    #expect(log.messages.contains("the host stops: runs that have not ended are interrupted"))
    #expect(log.messages(of: "run.cancelled").count == 1)
  }

  @Test func `a shutdown waits for runs no longer than the timeout`() async throws {
    let log = LogRecorder()
    let scheduler = try scheduler(
      "after('1ms', function() emit('told', 'begun') sleep('1h') end)", log: log,
      shutdownTimeout: 0.05)
    let told = try EventRecorder("told", of: scheduler)
    try scheduler.start()
    #expect(try await told.reaches { $0.count == 1 })
    await scheduler.stop()
    #expect(log.messages.contains("the host stops: runs that have not ended are interrupted"))
    #expect(log.messages(of: "run.cancelled").count == 1)
  }

  @Test func `stop can be called any number of times, by any task`() async throws {
    let scheduler = try scheduler("after('1ms', function() sleep('20ms') end)")
    try scheduler.start()
    await withTaskGroup { group in
      for _ in 0..<8 { group.addTask { await scheduler.stop() } }
    }
    await scheduler.stop()
    await scheduler.wait()
  }

  @Test func `an idle host stops without a warning`() async throws {
    let log = LogRecorder()
    let scheduler = try scheduler("every('1h', function() end)", log: log)
    try scheduler.start()
    scheduler.waitUntilLoaded()
    await scheduler.stop()
    #expect(log.lines.allSatisfy { $0.level < .warning })
  }

  @Test func `a missing path is an error`() async throws {
    let scheduler = try Scheduler(Configuration(paths: ["/nowhere/scripts"]))
    let error = await #expect(throws: ScriptError.self) { try await scheduler.run() }
    #expect(error?.code == .unreadable)
    #expect(
      error?.description
        == "/nowhere/scripts: no such script or folder, or it may not be reached")
    await scheduler.stop()
  }

  @Test func `a folder without scripts is an error unless it is watched`() async throws {
    let folder = try TemporaryFolder()
    try folder.write("notes.txt")
    try folder.write("a_test.lua")
    var configuration = Configuration(paths: [folder.path])
    let waiting = try Scheduler(configuration)
    try waiting.start()
    await waiting.stop()
    configuration.watches = false
    let scheduler = try Scheduler(configuration)
    let error = await #expect(throws: ScriptError.self) { try await scheduler.run() }
    #expect(error?.code == .empty)
    #expect(
      error?.description
        == "\(folder.path): no scripts in this folder; a script is a file *.lua (not *_test.lua, and not in lib/ or lua_modules/)"
    )
    await scheduler.stop()
  }

  @Test func `an unknown zone is an error`() throws {
    var configuration = Configuration()
    configuration.timeZone = "Mars/Base"
    #expect(throws: (any Error).self) { try Scheduler(configuration) }
  }

  @Test func `a script that does not load does not stop the scheduler`() async throws {
    let log = LogRecorder()
    let scheduler = try scheduler("x = = 1", log: log)
    try scheduler.start()
    scheduler.waitUntilLoaded()
    #expect(scheduler.scriptCount == 0)
    #expect(
      log.messages(of: "script.failed") == ["a.lua:1: unexpected symbol near '='"])
    await scheduler.stop()
  }
}
