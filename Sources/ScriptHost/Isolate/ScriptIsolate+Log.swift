import Logging
import LuaRuntime
import MoonwheelModel

/// Logging of a script and its runs, with the metadata `script`, `job`, `run` and `event`.
extension ScriptIsolate {
  /// Logs a line, and adds it to the history of the current run.
  func log(_ level: ScriptLogLevel, _ message: String, fields: Value) {
    // The load of a private isolate repeats the lines of the script's first load.
    let (logger, message, fields) = environment.log.line(message, fields)
    guard logger.logLevel <= level.level, privateRun == nil || !isLoading else { return }
    addToHistory(level, message, fields)
    guard hasBudget(for: message, fields) else { return }
    var metadata = metadata(of: current)
    metadata.merge(fieldsOf: fields)
    logger.log(level: level.level, "\(message)", metadata: metadata)
  }

  /// Whether the script may log this line. Logs a warning when lines begin to be left out, and when they appear again.
  private func hasBudget(for message: String, _ fields: Value) -> Bool {
    let metadata: Logger.Metadata = ["script": .string(name)]
    let logger = environment.log.logger
    switch budgets.output.spend(
      message.utf8.count + RunLog.size(of: fields) + 64, at: environment.clock.elapsed)
    {
    case .allowed: return true
    case .allowedAgain(let omitted):
      logger.warning("\(omitted) lines of this script were left out", metadata: metadata)
      return true
    case .firstOmitted:
      logger.warning(
        "this script logs too much: its lines are left out for a while", metadata: metadata)
      return false
    case .omitted: return false
    }
  }

  private func metadata(of run: LiveRun?) -> Logger.Metadata {
    var metadata: Logger.Metadata = ["script": .string(name)]
    guard let run else { return metadata }
    switch run.guest {
    case .load, .call: return metadata
    case .request: break
    case nil: metadata["run"] = .stringConvertible(run.id)
    }
    metadata["job"] = .string(registry[run.handle]?.name ?? "(ended)")
    return metadata
  }

  /// Logs a run that failed or was ended, with its traceback.
  func log(_ failure: RunFailure, _ kind: HostEvent.Kind, of run: LiveRun) {
    guard environment.log.logEvents?.matches(kind.name) != false else { return }
    var metadata = metadata(of: run)
    metadata["event"] = .string(kind.name)
    let traceback = failure.traceback.isEmpty ? "" : "\n\(failure.traceback)"
    environment.log.repeatable(.error, "\(failure.message)\(traceback)", metadata)
  }

  /// Logs a hook such as `on_failure` that failed itself.
  func log(_ failure: RunFailure, _ hook: Hooks, of run: LiveRun) {
    let traceback = failure.traceback.isEmpty ? "" : "\n\(failure.traceback)"
    environment.log.repeatable(
      .error, "\(hook.option): \(failure.message)\(traceback)", metadata(of: run))
  }

  func log(_ progress: RunProgress) {
    let logger = environment.log.logger
    guard logger.logLevel <= .debug, hasBudget(for: progress.text, .nil) else {
      return
    }
    logger.debug("\(progress.description)", metadata: metadata(of: current))
  }

  private func addToHistory(_ level: ScriptLogLevel, _ message: String, _ fields: Value) {
    guard current?.isLoad == false else { return }
    guard let details = current?.makeDetails() else { return }
    let line = LogLine(
      at: environment.clock.read().wall, level: level.rawValue, message: message,
      fields: fields.isNil ? .none : fields)
    details.log.append(line) { memory.mayLog($0, details, isolate) }
  }
}

extension Logger.Metadata {
  /// Adds the fields of a script's line.
  fileprivate mutating func merge(fieldsOf fields: MoonwheelModel.Value) {
    switch fields {
    case .table(let pairs):
      for (key, value) in pairs {
        let name = key.text ?? key.described
        self[Self.reservedKeys.contains(name) ? "_" + name : name] = value.metadata
      }
    case .list(let values):
      for (index, value) in values.enumerated() { self["\(index + 1)"] = value.metadata }
    default: break
    }
  }

  /// Keys of the host: a script's field of the same name gets the prefix `_`.
  private static var reservedKeys: Set<String> { ["script", "job", "run", "event", "payload"] }
}

/// Logs what waits, on the script's worker. What comes after the end of the run is in the log alone.
func logLines(_ lines: RunLines, in isolate: ScriptIsolate) {
  let taken = lines.take()
  let run = isolate.live[lines.coroutine]
  isolate.current = run?.id == lines.run && run?.guest == nil ? run : nil
  defer { isolate.current = nil }
  for line in taken.lines { isolate.log(line.level, line.text, fields: .nil) }
  if taken.tellsOmission {
    isolate.log(.warn, "more lines come than can be logged: some are left out", fields: .nil)
  }
}
