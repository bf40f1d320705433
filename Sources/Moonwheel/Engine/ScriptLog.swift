import Logging
import MoonwheelModel
import Triggers

/// The levels of `log.*` in a script.
enum ScriptLogLevel: String, Sendable {
  case debug, info, warn, error

  var level: Logger.Level {
    switch self {
    case .debug: .debug
    case .info: .info
    case .warn: .warning
    case .error: .error
    }
  }
}

/// What scripts and the host say, as structured log lines with the metadata `script`, `job`, `run`, `event`, `payload`.
struct ScriptLog: Sendable {
  let logger: Logger
  /// Which host events are logged.
  let logEvents: EventPattern?

  func script(
    _ level: ScriptLogLevel, _ message: String, fields: Value, in isolate: ScriptIsolate
  ) {
    // What the script says when it is loaded for one run, it has said when it was loaded first.
    guard logger.logLevel <= level.level, isolate.privateRun == nil || !isolate.isLoading else { return }
    isolate.keep(level, message, fields)
    guard hasBudget(for: message, fields, in: isolate) else { return }
    var metadata = place(isolate.current, in: isolate)
    merge(fields, into: &metadata)
    logger.log(level: level.level, "\(message)", metadata: metadata)
  }

  /// Whether the script may log this; says so when it may no longer, and when it may again.
  private func hasBudget(
    for message: String, _ fields: Value, in isolate: ScriptIsolate
  ) -> Bool {
    let metadata: Logger.Metadata = ["script": .string(isolate.name)]
    switch isolate.outputBudget.take(
      message.utf8.count + RunLog.size(of: fields) + 64, at: isolate.engine.clock.elapsed)
    {
    case .goes: return true
    case .goesAgain(let omitted):
      logger.warning("\(omitted) lines of this script were left out", metadata: metadata)
      return true
    case .stops:
      logger.warning(
        "this script logs too much: its lines are left out for a while", metadata: metadata)
      return false
    case .omitted: return false
    }
  }

  func paused(_ name: String, reason: String) {
    guard logEvents?.matches("script.paused") != false else { return }
    logger.error(
      "paused: \(reason)", metadata: ["script": .string(name), "event": "script.paused"])
  }

  private func merge(_ fields: Value, into metadata: inout Logger.Metadata) {
    switch fields {
    case .table(let pairs):
      for (key, value) in pairs {
        let name = key.text ?? key.described
        metadata[ScriptLog.reserved.contains(name) ? "_" + name : name] = value.metadata
      }
    case .list(let values):
      for (index, value) in values.enumerated() { metadata["\(index + 1)"] = value.metadata }
    default: break
    }
  }

  /// Keys of the log's own: a script's field of that name gets a _ in front.
  private static let reserved: Set<String> = ["script", "job", "run", "event", "payload"]

  private func place(_ run: ActiveRun?, in isolate: ScriptIsolate) -> Logger.Metadata {
    var metadata: Logger.Metadata = ["script": .string(isolate.name)]
    if let run, !run.isLoad, run.onEnd == nil {
      metadata["job"] = .string(isolate.registry[run.handle]?.name ?? "(ended)")
      if run.request == nil { metadata["run"] = .stringConvertible(run.id) }
    }
    return metadata
  }

  /// A run that did not end well has its line from the worker, with its traceback.
  func failure(
    _ failure: RunFailure, _ kind: HostEvent.Kind, of run: ActiveRun, in isolate: ScriptIsolate
  ) {
    guard logEvents?.matches(kind.name) != false else { return }
    var metadata = place(run, in: isolate)
    metadata["event"] = .string(kind.name)
    let traceback = failure.traceback.isEmpty ? "" : "\n\(failure.traceback)"
    logger.error("\(failure.message)\(traceback)", metadata: metadata)
  }

  /// A callback like `on_failure` that failed itself.
  func hookFailure(
    _ failure: RunFailure, _ hook: Hooks, of run: ActiveRun, in isolate: ScriptIsolate
  ) {
    let traceback = failure.traceback.isEmpty ? "" : "\n\(failure.traceback)"
    logger.error(
      "\(hook.option): \(failure.message)\(traceback)", metadata: place(run, in: isolate))
  }

  func progress(_ progress: RunProgress, in isolate: ScriptIsolate) {
    guard logger.logLevel <= .debug, hasBudget(for: progress.text, .nil, in: isolate) else {
      return
    }
    logger.debug("\(progress.description)", metadata: place(isolate.current, in: isolate))
  }

  func host(_ event: HostEvent, script: String) {
    if event.kind == .jobFinished, let failure = event.failure {
      badEnd(failure, of: event.job, script: script)
      return
    }
    guard let logEvents, logEvents.matches(event.kind.name), event.failure == nil else {
      return
    }
    var metadata: Logger.Metadata = [
      "script": .string(script), "event": .string(event.kind.name),
      "payload": event.payload(script: script).metadata,
    ]
    if !event.job.isEmpty { metadata["job"] = .string(event.job) }
    if let run = event.run { metadata["run"] = .stringConvertible(run) }
    let reason = event.reason.map { ": \($0)" } ?? ""
    let times = event.count == 1 ? "" : " (\(event.count) times)"
    logger.log(level: event.kind.level, "\(event.kind.name)\(times)\(reason)", metadata: metadata)
  }

  /// A job that has ended otherwise than it was meant to.
  private func badEnd(_ failure: RunFailure, of job: String, script: String) {
    let traceback = failure.traceback.isEmpty ? "" : "\n\(failure.traceback)"
    logger.error(
      "\(failure.message)\(traceback)",
      metadata: [
        "script": .string(script), "job": .string(job),
        "event": .string(HostEvent.Kind.jobFinished.name),
      ])
  }

  func loaded(_ name: String, jobs: Int, isReload: Bool) {
    let event = isReload ? "script.reloaded" : "script.loaded"
    guard logEvents?.matches(event) != false else { return }
    let count = jobs == 1 ? "1 job" : "\(jobs) jobs"
    logger.info(
      "\(isReload ? "reloaded" : "loaded"), \(count)",
      metadata: ["script": .string(name), "event": .string(event)])
  }

  /// Warns of jobs that have their last fire behind them.
  func spent(_ registrations: [Registration], of script: String, at now: Timestamp) {
    for registration in registrations {
      guard let warning = registration.warningIfSpent(at: now) else { continue }
      logger.warning(
        "line \(registration.line): \(warning)",
        metadata: ["script": .string(script), "job": .string(registration.name)])
    }
  }

  func unloaded(_ name: String, reason: String) {
    guard logEvents?.matches("script.unloaded") != false else { return }
    logger.info(
      "unloaded: \(reason)", metadata: ["script": .string(name), "event": "script.unloaded"])
  }

  func failed(_ error: ScriptError, _ instead: LastGoodVersion = .none) {
    guard logEvents?.matches("script.failed") != false else { return }
    let traceback = error.traceback.isEmpty ? "" : "\n\(error.traceback)"
    logger.error(
      "\(error.message)\(traceback)\(instead.words)",
      metadata: ["script": .string(error.script), "event": "script.failed"])
  }

  /// What ``failed(_:_:)`` has told lasts.
  func stillFails(_ error: ScriptError, since: String, isServed: Bool) {
    guard logEvents?.matches("script.failed") != false else { return }
    let rest = isServed ? "The last good version runs instead." : "None of its jobs run."
    logger.error(
      "it has not loaded since \(since): \(error.message)\n\(rest)",
      metadata: ["script": .string(error.script), "event": "script.failed"])
  }
}

/// What runs of a script whose text does not load.
enum LastGoodVersion {
  case none
  case goesOn
  /// From the store; with when that version was loaded first.
  case isRestored(loadedAt: String)
  /// The store has one, which does not load either.
  case fails(ScriptError)

  fileprivate var words: String {
    switch self {
    case .none: ""
    case .goesOn: "\nThe jobs of the last good version go on."
    case .isRestored(let loadedAt):
      "\nThe last good version, loaded first at \(loadedAt), runs instead: the store has kept it."
    case .fails(let other):
      "\nThe last good version, which the store has kept, does not load either: \(other.message)"
    }
  }
}

extension HostEvent.Kind {
  fileprivate var level: Logger.Level {
    switch self {
    case .runFailed, .runTimedOut, .runDropped, .runEvicted, .runAbandoned: .error
    case .runSkipped, .runMissed, .runDenied, .runCancelled: .warning
    default: .info
    }
  }
}

extension Value {
  /// For the log: numbers and truth values keep their type.
  var metadata: Logger.MetadataValue {
    switch self {
    case .nil: .string("nil")
    case .bool(let flag): .stringConvertible(flag)
    case .integer(let integer): .stringConvertible(integer)
    case .number(let number): .stringConvertible(number)
    case .string, .bytes: .string(printed)
    case .list(let values): .array(values.map(\.metadata))
    case .table(let pairs):
      .dictionary(
        Dictionary(
          pairs.map { ($0.key.text ?? $0.key.described, $0.value.metadata) },
          uniquingKeysWith: { first, _ in first }))
    case .callback, .job: .string(described)
    }
  }
}
