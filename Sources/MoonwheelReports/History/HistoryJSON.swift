import JSON
import JobHistory
import MoonwheelModel
import Triggers

/// The history as JSON: one object a row. Lengths are seconds, as in scripts.
package struct HistoryJSON {
  private let zone: Zone

  /// - Parameter zone: of the instants.
  package init(zone: Zone) { self.zone = zone }

  package func object(_ entry: HistoryEntry) -> JSONValue {
    switch entry {
    case .run(let record): .object(members(record))
    case .summary(let summary): .object(members(summary))
    case .decision(let decision): .object(members(decision))
    }
  }

  /// The state of a job.
  ///
  /// - Parameter words: its trigger in words; nil if nothing but the stored text is known.
  package func object(_ job: StoredJob, words: String?, next: Timestamp?) -> JSONValue {
    .object([
      ("kind", .string("job")), ("script", .string(job.script)), ("job", .string(job.name)),
      ("trigger", .string(job.trigger)), ("words", text(words)),
      ("state", .string(job.state.rawValue)), ("reason", text(job.reason)),
      ("registered_at", instant(job.registered)), ("orphaned_at", instant(job.orphanedAt)),
      ("unloaded_since", instant(job.unloadedSince)),
      ("next", instant(next)),
    ])
  }

  /// Fires about which the store has no row.
  package func object(
    of job: StoredJob, unkept reason: String, from: Timestamp, through: Timestamp, count: Int
  ) -> JSONValue {
    .object([
      ("kind", .string("unkept")), ("script", .string(job.script)), ("job", .string(job.name)),
      ("count", .integer(Int64(count))), ("from", instant(from)), ("through", instant(through)),
      ("reason", .string(reason)),
    ])
  }

  /// A run that has not started, or that starts again if a crash interrupts it. Its kind and its status have the names
  /// of their cases.
  package func object(_ pending: PendingRun) -> JSONValue {
    .object([
      ("kind", .string("waiting")), ("run", .string(pending.run.description)),
      ("attempt", .integer(Int64(pending.attempt))), ("promise", .string("\(pending.kind)")),
      ("status", .string("\(pending.status)")), ("scheduled_at", instant(pending.scheduledAt)),
      ("due_at", instant(pending.dueAt)), ("cuts", .integer(Int64(pending.crashes))),
    ])
  }

  private func members(_ record: RunRecord) -> [JSONValue.Member] {
    [
      ("kind", .string("run")), ("run", .string(record.run.description)),
      ("attempt", .integer(Int64(record.attempt))), ("script", .string(record.script)),
      ("job", .string(record.name)), ("n", .integer(Int64(record.number))),
      ("status", .string(record.status.rawValue)), ("scheduled_at", instant(record.scheduledAt)),
      ("started_at", instant(record.startedAt)),
      ("ended_at", instant(record.endedAt)), ("late", seconds(record.lateness)),
      ("duration", record.duration.map(seconds) ?? .null), ("cpu", seconds(record.processorTime)),
      ("peak_memory", record.peakMemory == 0 ? .null : .integer(Int64(record.peakMemory))),
      ("result", JSONValue(record.result)), ("error", record.failure.map(error) ?? .null),
      ("log", .array(record.log.map(line))),
      ("omitted_lines", .integer(Int64(record.omittedLines))),
      ("cause", record.cause.map(cause) ?? .null),
      ("input", record.cause.map { input($0.input) } ?? .null),
      ("generation", text(record.version?.description)), ("ending", text(record.ending)),
    ]
  }

  private func cause(_ cause: RunCause) -> JSONValue {
    .object([
      ("kind", .string("\(cause.kind)")), ("by", text(cause.by)),
      ("of", text(cause.of?.description)),
    ])
  }

  private func input(_ input: RunInput) -> JSONValue {
    switch input {
    case .none: .null
    case .arguments(let value): .object([("args", JSONValue(value))])
    case .event(let event): .object([("event", JSONValue(event.value))])
    case .events(let events): .object([("events", .array(events.map { JSONValue($0.value) }))])
    case .cut(let bytes): .object([("cut", .integer(Int64(bytes)))])
    }
  }

  private func error(_ failure: RunFailure) -> JSONValue {
    .object([
      ("message", .string(failure.message)), ("traceback", .string(failure.traceback)),
      ("data", JSONValue(failure.data)),
    ])
  }

  private func line(_ line: LogLine) -> JSONValue {
    .object([
      ("at", instant(line.at)), ("level", .string(line.level)), ("message", .string(line.message)),
      ("fields", line.fields.map { JSONValue($0) } ?? .null),
    ])
  }

  private func members(_ summary: RunSummary) -> [JSONValue.Member] {
    [
      ("kind", .string("sum")), ("script", .string(summary.script)), ("job", .string(summary.name)),
      ("status", .string(RunStatus.succeeded.rawValue)), ("count", .integer(Int64(summary.count))),
      ("from", instant(summary.from)), ("through", instant(summary.through)),
      ("mean_late", mean(summary.totalLateness, summary)),
      ("longest_late", seconds(summary.longestLateness)),
      ("mean_duration", mean(summary.totalDuration, summary)),
      ("longest_duration", seconds(summary.longestDuration)),
      ("cpu", seconds(summary.processorTime)),
    ]
  }

  private func members(_ decision: Decision) -> [JSONValue.Member] {
    [
      ("kind", .string("decision")), ("script", .string(decision.script)),
      ("job", .string(decision.name)), ("decision", .string(decision.kind.rawValue)),
      ("count", .integer(Int64(decision.count))), ("from", instant(decision.from)),
      ("through", instant(decision.through)), ("decided_at", instant(decision.decidedAt)),
      ("reason", .string(decision.reason)), ("run", text(decision.run?.description)),
    ]
  }

  private func mean(_ total: Int64, _ summary: RunSummary) -> JSONValue {
    seconds(total / max(1, summary.count))
  }

  private func instant(_ instant: Timestamp) -> JSONValue { .string(instant.iso(in: zone)) }

  private func instant(_ instant: Timestamp?) -> JSONValue { text(instant?.iso(in: zone)) }

  private func text(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }

  private func seconds(_ nanoseconds: Int64) -> JSONValue { .number(Double(nanoseconds) / 1e9) }
}
