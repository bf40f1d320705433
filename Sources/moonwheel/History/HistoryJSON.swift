import MoonwheelModel
import Moonwheel

/// The history as JSON, one object for each thing that is told. Lengths are seconds, as in scripts.
struct HistoryJSON {
  let zone: Zone

  func line(_ entry: HistoryEntry) -> String {
    switch entry {
    case .run(let record): JSONText.object(pairs(record)).description
    case .sum(let sum): JSONText.object(pairs(sum)).description
    case .decision(let decision): JSONText.object(pairs(decision)).description
    }
  }

  /// How a job stands.
  func line(_ job: StoredJob, _ trigger: StoredTrigger?, next: Timestamp?) -> String {
    JSONText.object([
      ("kind", .string("job")), ("script", .string(job.script)), ("job", .string(job.name)),
      ("trigger", .string(job.trigger)), ("words", text(trigger?.words)),
      ("state", .string(job.state.rawValue)), ("reason", text(job.reason)),
      ("registered_at", instant(job.registered)), ("orphaned_at", instant(job.orphanedAt)),
      ("next", instant(next)),
    ]).description
  }

  /// What can be said of fires that nothing is kept of.
  func line(
    of job: StoredJob, unkept reason: String, from: Timestamp, through: Timestamp, count: Int
  ) -> String {
    JSONText.object([
      ("kind", .string("unkept")), ("script", .string(job.script)), ("job", .string(job.name)),
      ("count", .integer(count)), ("from", instant(from)), ("through", instant(through)),
      ("reason", .string(reason)),
    ]).description
  }

  /// A run that is to start, or has started and is to start again if it is cut off.
  func line(_ promise: PendingRun) -> String {
    JSONText.object([
      ("kind", .string("waiting")), ("run", .string(promise.run.description)),
      ("attempt", .integer(Int(promise.attempt))), ("promise", .string(promise.kind.name)),
      ("status", .string(promise.status.name)), ("scheduled_at", instant(promise.scheduledAt)),
      ("due_at", instant(promise.dueAt)), ("cuts", .integer(Int(promise.crashes))),
    ]).description
  }

  private func pairs(_ record: RunRecord) -> [(String, JSONText)] {
    [
      ("kind", .string("run")), ("run", .string(record.run.description)),
      ("attempt", .integer(Int(record.attempt))), ("script", .string(record.script)),
      ("job", .string(record.name)), ("n", .integer(Int(record.number))),
      ("status", .string(record.status.rawValue)), ("scheduled_at", instant(record.scheduledAt)),
      ("started_at", instant(record.startedAt)),
      ("ended_at", instant(record.endedAt)), ("late", seconds(record.lateness)),
      ("duration", record.duration.map(seconds) ?? .null), ("cpu", seconds(record.processorTime)),
      ("peak_memory", record.peakMemory == 0 ? .null : .integer(Int(record.peakMemory))),
      ("result", JSONText(record.result)), ("error", record.failure.map(error) ?? .null),
      ("log", .array(record.log.map(line))), ("omitted_lines", .integer(record.omittedLines)),
    ]
  }

  private func error(_ failure: RunFailure) -> JSONText {
    .object([
      ("message", .string(failure.message)), ("traceback", .string(failure.traceback)),
      ("data", JSONText(failure.data)),
    ])
  }

  private func line(_ line: LogLine) -> JSONText {
    .object([
      ("at", instant(line.at)), ("level", .string(line.level)), ("message", .string(line.message)),
      ("fields", line.fields.map { JSONText($0) } ?? .null),
    ])
  }

  private func pairs(_ sum: RunSummary) -> [(String, JSONText)] {
    [
      ("kind", .string("sum")), ("script", .string(sum.script)), ("job", .string(sum.name)),
      ("status", .string(RunStatus.succeeded.rawValue)), ("count", .integer(Int(sum.count))),
      ("from", instant(sum.from)), ("through", instant(sum.through)),
      ("mean_late", mean(sum.totalLateness, sum)), ("longest_late", seconds(sum.longestLateness)),
      ("mean_duration", mean(sum.totalDuration, sum)),
      ("longest_duration", seconds(sum.longestDuration)), ("cpu", seconds(sum.processorTime)),
    ]
  }

  private func pairs(_ decision: Decision) -> [(String, JSONText)] {
    [
      ("kind", .string("decision")), ("script", .string(decision.script)),
      ("job", .string(decision.name)), ("decision", .string(decision.kind.rawValue)),
      ("count", .integer(Int(decision.count))), ("from", instant(decision.from)),
      ("through", instant(decision.through)), ("decided_at", instant(decision.decidedAt)),
      ("reason", .string(decision.reason)), ("run", text(decision.run?.description)),
    ]
  }

  private func mean(_ total: Int64, _ sum: RunSummary) -> JSONText {
    seconds(total / max(1, sum.count))
  }

  private func instant(_ instant: Timestamp) -> JSONText { .string(instant.iso(in: zone)) }

  private func instant(_ instant: Timestamp?) -> JSONText { text(instant?.iso(in: zone)) }

  private func text(_ text: String?) -> JSONText { text.map { .string($0) } ?? .null }

  private func seconds(_ nanoseconds: Int64) -> JSONText { .number(Double(nanoseconds) / 1e9) }
}

extension PendingRun.Kind {
  fileprivate var name: String {
    switch self {
    case .promise: "promise"
    case .retry: "retry"
    case .fire: "fire"
    }
  }
}

extension PendingRun.Status {
  fileprivate var name: String {
    switch self {
    case .waiting: "waiting"
    case .running: "running"
    case .dead: "parked"
    }
  }
}
