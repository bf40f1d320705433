import Layers
import MoonwheelSimulation
import MoonwheelTesting
import Synchronization

@testable import Moonwheel
@testable import ScriptHost

struct VirtualHost: StoryHost {
  private let simulation: Simulation
  private let trace = SimulationTrace()

  init(
    _ scripts: KeyValuePairs<String, String>, _ configuration: Configuration,
    from start: Timestamp, _ recorder: JobEventRecorder?
  ) throws {
    let trace = trace
    simulation = try Simulation(configuration.with(scripts), from: start) { entry in
      trace.record(entry)
      recorder?.record(entry, at: start.distance(to: entry.time))
    }
    try simulation.load()
  }

  var said: [String] { trace.lines }

  var warnings: [String] {
    trace.entries("log").filter { $0["level"]?.text == "warning" }
      .compactMap { $0["message"]?.text }
  }

  func advance(by seconds: Double) throws { try simulation.run(for: seconds) }
  func awaitLines(_ count: Int) {}
  func emit(_ event: String) throws { try simulation.emit(event) }
  func stop() {}
}

/// A story's host that has a scheduler of its own.
protocol SchedulerHost: StoryHost {
  var scheduler: Scheduler { get }
  var log: LogRecorder { get }
}

extension SchedulerHost {
  var said: [String] { log.said }

  var warnings: [String] {
    log.lines.filter { $0.level == .warning && $0.isSaid }.map(\.message)
  }

  func emit(_ event: String) throws { try scheduler.emit(event) }

  func stop() {
    scheduler.beginStop()
    scheduler.waitUntilStopped()
  }
}

struct ManualHost: SchedulerHost {
  private let host: TestScheduler

  init(
    _ scripts: KeyValuePairs<String, String>, _ configuration: Configuration,
    from start: Timestamp, _ recorder: JobEventRecorder?
  ) throws {
    host = try TestScheduler(scripts, at: start, configuration: configuration) {
      try recorder?.observe($0)
    }
  }

  var scheduler: Scheduler { host.scheduler }
  var log: LogRecorder { host.log }
  func advance(by seconds: Double) { host.advance(by: seconds) }
  func awaitLines(_ count: Int) {}
}

struct MachineHost: SchedulerHost {
  let scheduler: Scheduler
  let log = LogRecorder()

  init(
    _ scripts: KeyValuePairs<String, String>, _ configuration: Configuration,
    _ recorder: JobEventRecorder?
  ) throws {
    scheduler = try Scheduler(configuration.with(scripts), logger: log.logger)
    try recorder?.observe(scheduler)
    try scheduler.start()
    scheduler.waitUntilLoaded()
  }

  /// Waits for something that does not happen: a test of this clock must let time pass.
  func advance(by seconds: Double) {
    _ = log.wait(seconds: seconds) { _ in false }
    scheduler.waitUntilIdle()
  }

  func awaitLines(_ count: Int) { _ = log.wait { $0.count(where: \.isSaid) >= count } }
}

/// Records the events about jobs that match a pattern.
final class JobEventRecorder: Sendable {
  struct Recorded: Sendable {
    /// Nanoseconds since the start.
    var at: Int64
    var name: String
    var job: String
    var count: Int64
    var reason: String
    /// The message of the error; empty if there is none.
    var error: String
  }

  private let text: String
  private let pattern: EventPattern
  private let kept = Mutex<[Recorded]>([])

  init(_ pattern: String) throws {
    text = pattern
    self.pattern = try EventPattern(pattern)
  }

  var events: [Recorded] { kept.withLock { $0 } }

  fileprivate func observe(_ scheduler: Scheduler) throws {
    let clock = scheduler.environment.clock
    let start = clock.read().elapsed
    try scheduler.observe(text) { [self] event in
      guard let job = event.payload["job"]?.text else { return }
      record(
        Recorded(
          at: clock.read().elapsed - start, name: event.name, job: job,
          count: event.payload["count"]?.int ?? 1, reason: event.payload["reason"]?.text ?? "",
          error: event.payload["error"]?.text ?? ""))
    }
  }

  fileprivate func record(_ entry: TraceEntry, at: Int64) {
    guard let job = entry.job, pattern.matches(entry.event) else { return }
    record(
      Recorded(
        at: at, name: entry.event, job: job, count: entry["count"]?.int ?? 1,
        reason: entry.reason ?? "", error: entry["error"]?.text ?? ""))
  }

  private func record(_ event: Recorded) { kept.withLock { $0.append(event) } }
}

extension Configuration {
  /// As ``TestScheduler`` has it.
  fileprivate func with(_ scripts: KeyValuePairs<String, String>) -> Configuration {
    var configuration = self
    configuration.timeZone = timeZone ?? "UTC"
    configuration.seed = seed ?? 1
    configuration.shutdownTimeout = min(shutdownTimeout, .milliseconds(100))
    configuration.texts += scripts.map { (name: $0.key, source: $0.value) }
    return configuration
  }
}
