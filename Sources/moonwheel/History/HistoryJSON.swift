import Moonwheel

/// The history as JSON, one object for each run or sum. Lengths are seconds, as in scripts.
struct HistoryJSON {
  let zone: Zone

  func line(_ entry: HistoryEntry) -> String? {
    switch entry {
    case .run(let record): JSONText.object(pairs(record)).description
    case .sum(let sum): JSONText.object(pairs(sum)).description
    case .decision: nil
    }
  }

  private func pairs(_ record: RunRecord) -> [(String, JSONText)] {
    [
      ("kind", .string("run")), ("run", .string(record.run.description)),
      ("attempt", .integer(Int(record.attempt))), ("script", .string(record.script)),
      ("job", .string(record.name)), ("n", .integer(Int(record.number))),
      ("status", .string(record.status.rawValue)), ("scheduled_at", instant(record.scheduledAt)),
      ("started_at", instant(record.startedAt)),
      ("ended_at", record.endedAt.map(instant) ?? .null), ("late", seconds(record.lateness)),
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

  private func mean(_ total: Int64, _ sum: RunSummary) -> JSONText {
    seconds(total / max(1, sum.count))
  }

  private func instant(_ instant: Timestamp) -> JSONText { .string(instant.iso(in: zone)) }

  private func seconds(_ nanoseconds: Int64) -> JSONText { .number(Double(nanoseconds) / 1e9) }
}
