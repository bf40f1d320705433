import Logging
import LuaRuntime
import MoonwheelModel

/// What a script and its runs log, with the metadata `script`, `job`, `run` and `event`.
extension ScriptIsolate {
  /// Logs a line of the script, and keeps it for the history of the run on the worker.
  func log(_ level: ScriptLogLevel, _ message: String, fields: Value) {
    // What the script says when it is loaded for one run, it has said when it was loaded first.
    let logger = environment.log.logger
    guard logger.logLevel <= level.level, privateRun == nil || !isLoading else { return }
    keep(level, message, fields)
    guard hasBudget(for: message, fields) else { return }
    var metadata = metadata(of: current)
    merge(fields, into: &metadata)
    logger.log(level: level.level, "\(message)", metadata: metadata)
  }

  /// Whether the script may log this; says so when it may no longer, and when it may again.
  private func hasBudget(for message: String, _ fields: Value) -> Bool {
    let metadata: Logger.Metadata = ["script": .string(name)]
    let logger = environment.log.logger
    switch outputBudget.take(
      message.utf8.count + RunLog.size(of: fields) + 64, at: environment.clock.elapsed)
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

  private func merge(_ fields: Value, into metadata: inout Logger.Metadata) {
    switch fields {
    case .table(let pairs):
      for (key, value) in pairs {
        let name = key.text ?? key.described
        metadata[Self.reservedKeys.contains(name) ? "_" + name : name] = value.metadata
      }
    case .list(let values):
      for (index, value) in values.enumerated() { metadata["\(index + 1)"] = value.metadata }
    default: break
    }
  }

  /// Keys of the log's own: a script's field of that name gets a _ in front.
  private static let reservedKeys: Set<String> = ["script", "job", "run", "event", "payload"]

  private func metadata(of run: ActiveRun?) -> Logger.Metadata {
    var metadata: Logger.Metadata = ["script": .string(name)]
    if let run, !run.isLoad, run.onEnd == nil {
      metadata["job"] = .string(registry[run.handle]?.name ?? "(ended)")
      if run.request == nil { metadata["run"] = .stringConvertible(run.id) }
    }
    return metadata
  }

  /// A run that did not end well has its line from the worker, with its traceback.
  func log(_ failure: RunFailure, _ kind: HostEvent.Kind, of run: ActiveRun) {
    guard environment.log.logEvents?.matches(kind.name) != false else { return }
    var metadata = metadata(of: run)
    metadata["event"] = .string(kind.name)
    let traceback = failure.traceback.isEmpty ? "" : "\n\(failure.traceback)"
    environment.log.logger.error("\(failure.message)\(traceback)", metadata: metadata)
  }

  /// A callback like `on_failure` that failed itself.
  func log(_ failure: RunFailure, _ hook: Hooks, of run: ActiveRun) {
    let traceback = failure.traceback.isEmpty ? "" : "\n\(failure.traceback)"
    environment.log.logger.error(
      "\(hook.option): \(failure.message)\(traceback)", metadata: metadata(of: run))
  }

  func log(_ progress: RunProgress) {
    let logger = environment.log.logger
    guard logger.logLevel <= .debug, hasBudget(for: progress.text, .nil) else {
      return
    }
    logger.debug("\(progress.description)", metadata: metadata(of: current))
  }

  /// Keeps a line for the history of the run that is on the worker.
  private func keep(_ level: ScriptLogLevel, _ message: String, _ fields: Value) {
    guard current?.isLoad == false else { return }
    current?.makeExtras().log.append(
      LogLine(
        at: environment.clock.read().wall, level: level.rawValue, message: message,
        fields: fields.isNil ? .none : fields))
  }
}
