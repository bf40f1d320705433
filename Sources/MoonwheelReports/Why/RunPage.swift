import JSON
import JobHistory
import JobStore
import MoonwheelModel
import Triggers

/// One run with its attempts, log and traceback, and the decisions that name it.
package struct RunPage {
  private let run: Run.ID
  private let zones: HistoryZones
  /// The zone of the run's job.
  private let zone: Zone
  /// Oldest first.
  private let attempts: [RunRecord]
  /// Oldest first.
  private let decisions: [Decision]
  /// Set if the run has no attempt yet.
  private let pending: (run: PendingRun, job: StoredJob)?

  /// Throws ``ReportError`` or ``StoreError``.
  package init(of run: Run.ID, in store: some JobStore, zones: HistoryZones) throws {
    self.run = run
    self.zones = zones
    let query = RunQuery(run: run, limit: 1_000)
    attempts = try store.runs(query).reversed()
    decisions = try store.decisions(query).reversed()
    pending = attempts.isEmpty ? try Self.pending(run, in: store) : nil
    let entry = attempts.first.map { HistoryEntry.run($0) } ?? decisions.first.map { .decision($0) }
    let known = try zones.zones(of: entry.map { [$0] } ?? [], in: store)
    zone = known.values.first ?? zones.zone(of: pending?.job)
    guard !attempts.isEmpty || !decisions.isEmpty || pending != nil else {
      throw ReportError(
        .unknownRun,
        "the store has no run \(run): it was never stored, or is no longer kept")
    }
  }

  /// The attempts.
  package var objects: [JSONValue] {
    attempts.map { HistoryJSON(zone: zones.general).object(.run($0)) }
  }

  package var lines: [String] {
    attempts.flatMap(lines) + (pending.map { [line($0)] } ?? [])
      + decisions.map { WhyWords(zone: zone).line(.decision($0)) }
  }

  private static func pending(
    _ run: Run.ID, in store: some JobStore
  ) throws(StoreError) -> (PendingRun, StoredJob)? {
    let state = try store.load()
    guard let pending = state.pendingRuns.first(where: { $0.run == run }),
      let job = state.jobs.first(where: { $0.key == pending.job })
    else { return nil }
    return (pending, job)
  }

  private func line(_ pending: (run: PendingRun, job: StoredJob)) -> String {
    "run \(run) of \(pending.job.title.escapingControls): "
      + WhyWords(zone: zone).pending(pending.run)
  }

  private func lines(_ record: RunRecord) -> [String] {
    var lines = [
      "run \(record.run) of \("\(record.script):\(record.name)".escapingControls): "
        + HistoryWords.status(record)
    ]
    func add(_ name: String, _ text: String) {
      lines.append("  " + ShortText.padded(name, to: 11) + text)
    }
    add("scheduled", record.scheduledAt.iso(in: zone))
    if let cause = record.cause.flatMap(HistoryWords.cause) { add("cause", cause) }
    switch record.cause?.input ?? .none {
    case .none: break
    case .arguments(let value): add("args", JSONValue(value).description)
    case .event(let event): add("event", JSONValue(event.value).description)
    case .events(let events):
      add("events", JSONValue.array(events.map { JSONValue($0.value) }).description)
    case .cut(let bytes): add("input", "too large to keep (\(ShortText.bytes(Int64(bytes))))")
    }
    if let version = record.version { add("generation", version.description) }
    add(
      "started",
      "\(record.startedAt.iso(in: zone)), \(ShortText.length(record.lateness)) late")
    if let end = record.endedAt, let duration = record.duration {
      add("ended", "\(end.iso(in: zone)), after \(ShortText.length(duration))")
    }
    let memory = record.peakMemory == 0 ? "" : ", \(ShortText.bytes(record.peakMemory)) at most"
    if record.processorTime > 0 || record.peakMemory > 0 {
      add("used", "\(ShortText.length(record.processorTime)) of a processor\(memory)")
    }
    if !record.result.isNil { add("result", JSONValue(record.result).description) }
    if let failure = record.failure {
      add("error", failure.message.firstLine)
      if !failure.data.isNil { add("data", JSONValue(failure.data).description) }
      lines += block("traceback", failure.traceback)
    }
    return lines + log(record)
  }

  private func log(_ record: RunRecord) -> [String] {
    guard !record.log.isEmpty || record.omittedLines > 0 else { return [] }
    let entries = record.log.map { entry in
      let fields = entry.fields.map { "  " + JSONValue($0).description } ?? ""
      return
        "    \(entry.at.iso(in: zone)) \(entry.level)  \(entry.message.escapingControls)\(fields)"
    }
    let omitted = record.omittedLines
    let ending = omitted == 0 ? [] : ["    (\(ShortText.counted(omitted, "more line")) not kept)"]
    return ["  log"] + entries + ending
  }

  private func block(_ name: String, _ text: String) -> [String] {
    let lines = text.unicodeScalars.split(separator: "\n")
    guard !lines.isEmpty else { return [] }
    return ["  " + name] + lines.map { "    " + String($0).escapingControls }
  }
}
