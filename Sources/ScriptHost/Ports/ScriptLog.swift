import Logging
import MoonwheelModel
import Triggers

/// Logs events of scripts and of the host, with the metadata `script`, `job`, `run`, `event` and `payload`.
package struct ScriptLog: Sendable {
  package let logger: Logger
  /// A pattern of the host events to log.
  let logEvents: EventPattern?
  /// Nil in a simulation, whose trace has each line.
  private let repeats: RepeatedLines?
  /// What `logger` leaves out.
  let secrets: GivenSecrets

  package init(
    logger: Logger, logEvents: EventPattern? = nil, repeats: RepeatedLines? = nil,
    secrets: GivenSecrets = GivenSecrets()
  ) {
    self.secrets = secrets
    self.logger = logger
    self.logEvents = logEvents
    self.repeats = repeats
  }

  /// A script's line without secrets, before anything is cut from it, and where it is logged.
  func line(_ message: String, _ fields: Value) -> (logger: Logger, String, Value) {
    (logger, secrets.masked(message), secrets.masked(fields))
  }

  /// Logs a warning or an error that may come again and again: then it is counted. `count` is how often it happened what
  /// the line tells.
  package func repeatable(
    _ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata, count: Int64 = 1
  ) {
    if let repeats, level >= .warning {
      repeats.add(
        RepeatedLines.Line(level: level, message: message, metadata: metadata), count: count)
    } else {
      logger.log(level: level, "\(message)", metadata: metadata)
    }
  }

  /// Logs that a process is ended which a program of a run has left behind.
  package func leftBehind(_ command: String, run: String) {
    repeatable(
      .warning, "a program has left a process behind, which is ended: \(command)",
      ["run": .string(run)])
  }

  /// Logs that a process is ended which a program of a run of a host that was killed has left.
  package func leftByKilledHost(_ command: String, run: String) {
    logger.warning(
      "a program has outlived the host that ran it, and is ended: \(command)",
      metadata: ["run": .string(run)])
  }

  /// Logs that this system cannot confine programs.
  package func cannotConfine() {
    logger.warning(
      "programs of scripts are not confined here: this kernel has no Landlock, so they may do all that the user of the host may do"
    )
  }

  /// Logs what has been counted so far; call this at the end.
  package func logSums() { repeats?.logSums() }

  func paused(_ name: String, reason: String) {
    guard logEvents?.matches("script.paused") != false else { return }
    logger.error(
      "paused: \(reason)", metadata: ["script": .string(name), "event": "script.paused"])
  }

  /// Times are in `zone`.
  package func host(_ event: HostEvent, script: String, zone: Zone) {
    if event.kind == .jobHeld {
      held(event, script: script, zone: zone)
      return
    }
    if event.kind == .jobFinished, let failure = event.failure {
      badEnd(failure, of: event.job, script: script)
      return
    }
    // Isolates log the failures that they report, with tracebacks.
    let isLogged =
      event.failure != nil && event.kind != .runGivenUp
      && !(event.kind == .runAbandoned && event.reason != nil)
    guard let logEvents, logEvents.matches(event.kind.name), !isLogged else { return }
    var metadata: Logger.Metadata = [
      "script": .string(script), "event": .string(event.kind.name),
      "payload": event.payload(script: script).metadata,
    ]
    if !event.job.isEmpty { metadata["job"] = .string(event.job) }
    if let run = event.run { metadata["run"] = .stringConvertible(run) }
    let reason = (event.reason ?? event.failure?.message).map { ": \($0)" } ?? ""
    let times = event.count == 1 ? "" : " (\(event.count) times)"
    repeatable(
      event.kind.level, "\(event.kind.name)\(times)\(reason)", metadata, count: event.count)
  }

  private func held(_ event: HostEvent, script: String, zone: Zone) {
    var metadata: Logger.Metadata = [
      "script": .string(script), "event": .string(event.kind.name),
      "payload": event.payload(script: script).metadata,
    ]
    guard let since = event.scheduledAt,
      let state = event.status.flatMap({ JobStatus.State(rawValue: $0) })
    else {
      logger.warning(
        "\(event.count) more jobs are paused or cancelled, and do not run", metadata: metadata)
      return
    }
    metadata["job"] = .string(event.job)
    let hold = JobHold(state: state, since: since, reason: event.reason)
    logger.log(
      level: hold.isOwnEnd ? .info : .warning,
      "it does not run: \(hold.words(in: zone)); \(JobHold.remedy(for: event.job))",
      metadata: metadata)
  }

  /// Logs a job that ended because of a failure.
  private func badEnd(_ failure: RunFailure, of job: String, script: String) {
    let traceback = failure.traceback.isEmpty ? "" : "\n\(failure.traceback)"
    repeatable(
      .error, "\(failure.message)\(traceback)",
      [
        "script": .string(script), "job": .string(job),
        "event": .string(HostEvent.Kind.jobFinished.name),
      ])
  }

  package func loaded(_ name: String, jobs: Int, isReload: Bool) {
    let event = isReload ? "script.reloaded" : "script.loaded"
    guard logEvents?.matches(event) != false else { return }
    let count = jobs == 1 ? "1 job" : "\(jobs) jobs"
    logger.info(
      "\(isReload ? "reloaded" : "loaded"), \(count)",
      metadata: ["script": .string(name), "event": .string(event)])
  }

  /// Warns of jobs whose last fire is in the past.
  package func neverFires(_ registrations: [Registration], of script: String, at now: Timestamp) {
    for registration in registrations {
      guard let warning = registration.warningIfNeverFires(at: now) else { continue }
      logger.warning(
        "line \(registration.line): \(warning)",
        metadata: ["script": .string(script), "job": .string(registration.name)])
    }
  }

  /// Logs advice about a script's text. Each message begins with its position, as in `a.lua:12: `.
  package func warned(_ messages: [String], in script: String) {
    for message in messages {
      logger.warning("\(message)", metadata: ["script": .string(script)])
    }
  }

  package func unloaded(_ name: String, reason: String) {
    guard logEvents?.matches("script.unloaded") != false else { return }
    logger.info(
      "unloaded: \(reason)", metadata: ["script": .string(name), "event": "script.unloaded"])
  }

  package func failed(_ error: ScriptError, _ instead: LastGoodVersion = .none) {
    guard logEvents?.matches("script.failed") != false else { return }
    let traceback = error.traceback.isEmpty ? "" : "\n\(error.traceback)"
    repeatable(
      .error, "\(error.message)\(traceback)\(instead.words)",
      ["script": .string(error.script), "event": "script.failed"])
  }

  /// Repeats a failure that ``failed(_:_:)`` has logged and that lasts.
  package func stillFails(_ error: ScriptError, since: String, isServed: Bool) {
    guard logEvents?.matches("script.failed") != false else { return }
    let rest = isServed ? "The last good version runs instead." : "None of its jobs run."
    logger.error(
      "it has not loaded since \(since): \(error.message)\n\(rest)",
      metadata: ["script": .string(error.script), "event": "script.failed"])
  }
}

extension HostEvent.Kind {
  fileprivate var level: Logger.Level {
    switch self {
    case .runFailed, .runTimedOut, .runDropped, .runEvicted, .runAbandoned, .runGivenUp: .error
    case .runSkipped, .runMissed, .runDenied, .runCancelled: .warning
    default: .info
    }
  }
}
