import JobStore
import MoonwheelModel
import Moonwheel

/// All that is known of one run: its attempts, log, traceback, and the decisions that name it.
struct RunPage {
  let run: Run.ID
  let zone: Zone
  let isJSON: Bool

  func show(_ store: some JobStore) throws(Failure) {
    let query = RunQuery(run: run, limit: 1_000)
    let attempts = try asking { () throws(StoreError) in try store.runs(query) }
    let decisions = try asking { () throws(StoreError) in try store.decisions(query) }
    let promise = attempts.isEmpty ? try promise(in: store) : nil
    guard !attempts.isEmpty || !decisions.isEmpty || promise != nil else {
      throw Failure(
        message:
          "moonwheel: the store has no run \(run): its job does not keep it any more, or never did")
    }
    if isJSON {
      for record in attempts.reversed() {
        say(HistoryJSON(zone: zone).line(.run(record)))
      }
      return
    }
    for line in attempts.reversed().flatMap(lines) { say(line) }
    if let promise { say(line(promise)) }
    for decision in decisions.reversed() { say(WhyWords(zone: zone).line(.decision(decision))) }
  }

  /// A run that waits has no record.
  private func promise(in store: some JobStore) throws(Failure) -> (PendingRun, StoredJob)? {
    try asking { () throws(StoreError) in
      let state = try store.load()
      guard let promise = state.pendingRuns.first(where: { $0.run == run }),
        let job = state.jobs.first(where: { $0.key == promise.job })
      else { return nil }
      return (promise, job)
    }
  }

  private func line(_ waiting: (promise: PendingRun, job: StoredJob)) -> String {
    "run \(run) of \(LogPretty.visible(waiting.job.title)): "
      + WhyWords(zone: zone).waiting(waiting.promise)
  }

  private func lines(_ record: RunRecord) -> [String] {
    var lines = [
      "run \(record.run) of \(LogPretty.visible("\(record.script):\(record.name)")): "
        + HistoryWords.status(record)
    ]
    func add(_ name: String, _ text: String) {
      lines.append("  " + name + String(repeating: " ", count: max(1, 11 - name.count)) + text)
    }
    add("scheduled", record.scheduledAt.iso(in: zone))
    add(
      "started",
      "\(record.startedAt.iso(in: zone)), \(HistoryWords.length(record.lateness)) late")
    if let end = record.endedAt, let duration = record.duration {
      add("ended", "\(end.iso(in: zone)), after \(HistoryWords.length(duration))")
    }
    let memory = record.peakMemory == 0 ? "" : ", \(HistoryWords.bytes(record.peakMemory)) at most"
    if record.processorTime > 0 || record.peakMemory > 0 {
      add("used", "\(HistoryWords.length(record.processorTime)) of a processor\(memory)")
    }
    if !record.result.isNil { add("result", JSONText(record.result).description) }
    if let failure = record.failure {
      add("error", HistoryWords.firstLine(failure.message))
      if !failure.data.isNil { add("data", JSONText(failure.data).description) }
      lines += block("traceback", failure.traceback)
    }
    return lines + log(record)
  }

  private func log(_ record: RunRecord) -> [String] {
    guard !record.log.isEmpty || record.omittedLines > 0 else { return [] }
    let entries = record.log.map { entry in
      let fields = entry.fields.map { "  " + JSONText($0).description } ?? ""
      return
        "    \(entry.at.iso(in: zone)) \(entry.level)  \(LogPretty.visible(entry.message))\(fields)"
    }
    let omitted = record.omittedLines
    let note = omitted == 0 ? [] : ["    (\(omitted) more line\(omitted == 1 ? "" : "s") not kept)"]
    return ["  log"] + entries + note
  }

  private func block(_ name: String, _ text: String) -> [String] {
    let lines = text.unicodeScalars.split(separator: "\n")
    guard !lines.isEmpty else { return [] }
    return ["  " + name] + lines.map { "    " + LogPretty.visible(String($0)) }
  }
}
