import JobStore
import Logging
import MoonwheelModel
import ScriptHost
import Triggers
import WorkerPool

/// One run of one job, here and now, in a host without triggers and without a store: what `moonwheel exec` does.
///
/// The script is loaded, and the job's callback is run within its limits, with its `when`, but without retries and hooks.
/// Other jobs do not fire, and what the run promises to them is refused.
public struct Execution: Sendable {
  /// The script that has the job.
  public let script: String
  public let job: String
  private let configuration: Configuration

  /// Finds the job among the scripts of the configuration. Throws ``ScriptError`` if there is none of that name or several,
  /// or if no script of that folder loads.
  public init(_ configuration: Configuration, job: String) throws {
    let inspection = try Inspection(configuration)
    let scripts = inspection.jobs.filter { $0.name == job }.map(\.script)
    guard let script = scripts.first else { throw Self.missing(job, inspection) }
    guard scripts.count == 1 else {
      throw ScriptError(
        .unknown, script: "",
        "several scripts have a job \"\(job)\": \(scripts.joined(separator: ", ")); name one of them instead of the folder"
      )
    }
    self.script = script
    self.job = job
    self.configuration = configuration
  }

  private static func missing(_ job: String, _ inspection: Inspection) -> ScriptError {
    if let error = inspection.errors.first { return error }
    let names = inspection.jobs.map(\.name)
    let near = Spelling.near(job, in: names, limit: 3).map { "\"\($0)\"" }
    let rest = near.isEmpty ? names.prefix(10).map { "\"\($0)\"" } : near
    let hint =
      names.isEmpty
      ? "; there are no jobs"
      : near.isEmpty
        ? "; there are \(rest.joined(separator: ", "))"
        : ", did you mean \(near.joined(separator: " or "))?"
    return ScriptError(.unknown, script: "", "no script has a job \"\(job)\"\(hint)")
  }

  /// Runs the job and returns how the run ended. Without arguments it gets the job's own.
  public func run(
    arguments: Value = .nil, logger: Logger = Logger(label: "moonwheel")
  ) async throws -> Run.Outcome {
    let host = try host(logger)
    begin(arguments, on: host)
    await host.scheduler.stop()
    return try outcome(on: host)
  }

  /// As ``run(arguments:logger:)``, for a thread that may block.
  public func runBlocking(
    arguments: Value = .nil, logger: Logger = Logger(label: "moonwheel")
  ) throws -> Run.Outcome {
    let host = try host(logger)
    begin(arguments, on: host)
    host.scheduler.beginStop()
    host.scheduler.waitUntilStopped()
    return try outcome(on: host)
  }

  private struct Host {
    var scheduler: Scheduler
    /// Nil if it did not load this time.
    var script: ScriptID?
    /// How the run has ended.
    var ending: Condition<Run.Outcome?>
  }

  private func host(_ logger: Logger) throws -> Host {
    var configuration = configuration
    configuration.watches = false
    configuration.execution = script
    configuration.shutdownTimeout = 1e9  // the run ends by its own limits
    let ending = Condition<Run.Outcome?>(nil)
    let scheduler = try Scheduler(
      configuration, store: MemoryJobStore(), logger: logger, clock: SystemClock(),
      onReport: { report in
        ending.withLock { $0 = $0 ?? report.outcome }
        ending.broadcast()
      })
    try scheduler.start()
    scheduler.waitUntilLoaded()
    return Host(
      scheduler: scheduler, script: scheduler.catalog.script(named: script), ending: ending)
  }

  /// Begins the run; the stop of the scheduler that is to follow lets it end.
  private func begin(_ arguments: Value, on host: Host) {
    guard let id = host.script else { return }
    let ending = host.ending
    host.scheduler.timekeeper.command(
      .enqueue(arguments, at: .now), script: id, job: job, drains: true
    ) { answer in
      guard case .refused(let why, _) = answer else { return }
      ending.withLock { $0 = .failed(RunFailure(message: why)) }
      ending.broadcast()
    }
  }

  private func outcome(on host: Host) throws -> Run.Outcome {
    guard host.script != nil else {
      throw ScriptError(.load, script: script, "\(script): it was loaded once, and not again")
    }
    return host.ending.withLock { $0 }
      ?? .failed(RunFailure(message: "\(script): the run was lost"))
  }
}
