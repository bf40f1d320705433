import Layers
import Logging
import Synchronization
import SystemCalls
import Testing
import WorkerPool

@testable import Moonwheel

/// Receivers of the host's events, log lines and answers that block.
@Suite struct SlowReceiverTests {
  /// Blocks each caller for 300 ms, until the test is over.
  private final class Receiver: Sendable {
    private let state = Condition((calls: 0, isOver: false))

    func receive() {
      state.withLock { $0.calls += 1 }
      state.broadcast()
      _ = state.wait(until: Clocks.monotonic() + 300_000_000) { $0.isOver ? true : nil }
    }

    func end() {
      state.withLock { $0.isOver = true }
      state.broadcast()
    }

    /// Blocks until so many calls have begun.
    func wait(for count: Int) -> Bool {
      state.wait(until: Clocks.monotonic() + 20_000_000_000) { $0.calls >= count ? true : nil }
        ?? false
    }
  }

  private struct BlockingLog: LogHandler {
    let receiver: Receiver
    var logLevel = Logger.Level.trace
    var metadata = Logger.Metadata()

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      if event.metadata?["event"] == "run.started" { receiver.receive() }
    }
  }

  /// Runs a job every 10 ms beside another. Returns how often the first one ran
  /// while the receiver was called four times, which takes 0.9 s at least.
  private func runs(
    workers: Int, logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
    logEvents: String? = nil, _ receiver: Receiver, prepare: (Scheduler) throws -> Void = { _ in }
  ) async throws -> Int {
    var configuration = Configuration()
    configuration.workers = workers
    configuration.logEvents = logEvents
    configuration.texts = [
      (name: "ticks.lua", source: "every('10ms', function() tick() end)"),
      (name: "others.lua", source: "every('10ms', function() end)"),
    ]
    let scheduler = try Scheduler(configuration, logger: logger)
    let ticks = Atomic<Int>(0)
    try scheduler.register("tick") { _ in
      ticks.wrappingAdd(1, ordering: .relaxed)
      return .nil
    }
    try prepare(scheduler)
    try scheduler.start()
    #expect(receiver.wait(for: 1))
    let before = ticks.load(ordering: .relaxed)
    #expect(receiver.wait(for: 4))
    let after = ticks.load(ordering: .relaxed)
    receiver.end()
    await scheduler.stop()
    return after - before
  }

  @Test(arguments: [1, 2]) func `an observer that blocks delays no fire`(workers: Int) async throws
  {
    let receiver = Receiver()
    let runs = try await runs(workers: workers, receiver) { scheduler in
      try scheduler.observe("run.started") { _ in receiver.receive() }
    }
    #expect(runs >= 40, "\(runs) runs in 0.9 s")
  }

  @Test(arguments: [1, 2]) func `a logger that blocks on the host's events delays no fire`(
    workers: Int
  ) async throws {
    let receiver = Receiver()
    let runs = try await runs(
      workers: workers, logger: Logger(label: "test") { _ in BlockingLog(receiver: receiver) },
      logEvents: "run.started", receiver)
    #expect(runs >= 40, "\(runs) runs in 0.9 s")
  }
}
