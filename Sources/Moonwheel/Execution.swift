import JobStore
import Logging
import MoonwheelModel
import ScriptHost
import Triggers
import WorkerPool

/// Runs one job once, at once, in a host without triggers and without a store, as `moonwheel exec` does.
///
/// The job's `when` and limits apply; its retries and hooks do not. Other jobs do not fire, and the host refuses what
/// the run promises to them.
public struct Execution: Sendable {
  /// The script that has the job.
  public let script: String
  public let job: String
  private let description: JobDescription
  private let configuration: Configuration

  /// Finds the job among the scripts of the configuration. Throws ``ScriptError`` if no script or several have a job of
  /// that name, or if the scripts do not load.
  public init(_ configuration: Configuration, job: String) throws {
    let inspection = try Inspection(configuration)
    let jobs = inspection.jobs.filter { $0.name == job }
    let scripts = jobs.map(\.script)
    guard let script = scripts.first else { throw Self.missing(job, inspection) }
    guard scripts.count == 1 else {
      throw ScriptError(
        .unknown, script: "",
        "several scripts have a job \"\(job)\": \(scripts.joined(separator: ", ")); name one of them instead of the folder"
      )
    }
    self.script = script
    self.job = job
    description = jobs[0]
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

  /// Runs the job and returns how the run ended. If `arguments` is `.nil`, the run gets the job's own arguments. A
  /// handler gets an event that has them as its payload, and the name that the handler waits for.
  public func run(
    arguments: Value = .nil, logger: Logger = Logger(label: "moonwheel")
  ) async throws -> Run.Outcome {
    let (scheduler, ending) = try start(arguments, logger)
    await scheduler.stop()
    return try outcome(ending, of: scheduler)
  }

  /// Runs the job as ``run(arguments:logger:)`` does, and blocks the calling thread until the run has ended.
  public func runBlocking(
    arguments: Value = .nil, logger: Logger = Logger(label: "moonwheel")
  ) throws -> Run.Outcome {
    let (scheduler, ending) = try start(arguments, logger)
    scheduler.beginStop()
    scheduler.waitUntilStopped()
    return try outcome(ending, of: scheduler)
  }

  /// How the run has ended; nil while it has not.
  private typealias Ending = Condition<Result<Run.Outcome, ScriptError>?>

  /// Starts a scheduler and the run. The caller then stops the scheduler, which lets the run end.
  private func start(
    _ arguments: Value, _ logger: Logger
  ) throws -> (scheduler: Scheduler, ending: Ending) {
    var configuration = configuration
    configuration.watches = false
    configuration.selection.execution = script
    configuration.shutdownTimeout = .seconds(1_000_000_000)  // only the run's own limits end it
    let ending = Ending(nil)
    let scheduler = try Scheduler(
      configuration, store: MemoryJobStore(), logger: logger, clock: SystemClock(),
      onReport: { report in ending.withLock { $0 = $0 ?? .success(report.outcome) } })
    try scheduler.start()
    scheduler.waitUntilLoaded()
    guard let id = scheduler.catalog.script(named: script) else {
      let error = ScriptError(
        .load, script: script, "\(script): the script loaded at first, but not when it was to run")
      ending.withLock { $0 = .failure(error) }
      return (scheduler, ending)
    }
    scheduler.timekeeper.command(
      .enqueue(payload(arguments), at: .now), script: id, job: job,
      drains: true
    ) { answer in
      guard case .refused(let why, _) = answer else { return }
      ending.withLock { $0 = .success(.failed(RunFailure(message: why))) }
    }
    return (scheduler, ending)
  }

  /// What the run gets. A handler gets an event with the arguments.
  private func payload(_ arguments: Value) -> PendingRun.Payload {
    guard let pattern = description.events else {
      return arguments.isNil ? .none : .arguments(arguments)
    }
    let event = Event(name: pattern.text, payload: arguments, source: "exec")
    return description.policy.gathersEvents ? .events([event]) : .event(event)
  }

  /// What is shown of the end: secrets are masked in the result, too.
  private func outcome(
    _ ending: Ending, of scheduler: Scheduler
  ) throws(ScriptError) -> Run.Outcome {
    let outcome =
      try ending.withLock { $0 }?.get()
      ?? .failed(RunFailure(message: "\(script): the run was lost"))
    guard case .succeeded(let result) = outcome else { return outcome }
    return .succeeded(scheduler.environment.secrets.masked(result))
  }
}
