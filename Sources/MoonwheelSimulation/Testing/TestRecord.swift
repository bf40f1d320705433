import MoonwheelModel
import SchedulerCore
import Synchronization
import Triggers

/// What a test can ask of what has happened in its simulation.
final class TestRecord: Sendable {
  fileprivate struct State {
    var entries: [TraceEntry] = []
    /// Of runs whose end the trace has not told yet.
    var reports: [Run.ID: [RunReport]] = [:]
    var runs: [RecordedRun] = []
    /// Places in `runs` of those under way.
    var underWay: [Run.ID: Int] = [:]
    /// Scripts that have a job of a name, in the order in which they got it.
    var owners: [String: [String]] = [:]
    /// Scripts that have had a job of a name.
    var known: [String: Set<String>] = [:]
  }

  struct RecordedRun {
    var run: SimulatedRun
    var report: RunReport?
  }

  private let state = Mutex(State())

  func note(_ report: RunReport) {
    guard !report.isHook else { return }
    state.withLock { $0.reports[report.run, default: []].append(report) }
  }

  func note(_ entry: TraceEntry) { state.withLock { $0.note(entry) } }

  /// The scripts that have a job of this name.
  func scripts(with job: String) -> [String] { state.withLock { $0.owners[job] ?? [] } }

  /// Whether there has been such a job.
  func hasKnown(_ job: JobName) -> Bool {
    state.withLock { state in
      state.known[job.name]?.contains { job.matches($0, job.name) } == true
    }
  }

  /// The names of all jobs that there have been, sorted.
  var jobs: [String] { state.withLock { $0.known.keys.sorted() } }

  func runs(of job: JobName?) -> [Value] {
    state.withLock { state in
      state.runs.filter { job?.matches($0.run.script, $0.run.job) != false }.map(\.value)
    }
  }

  func events(_ pattern: EventPattern) -> [Value] {
    state.withLock { state in
      state.entries.filter { $0.event != "log" && pattern.matches($0.name) }.map(\.told)
    }
  }

  func log(of job: JobName?) -> [Value] {
    state.withLock { state in
      state.entries.filter { entry in
        entry.event == "log" && job?.matches(entry.script ?? "", entry.job ?? "") != false
      }.map(\.logLine)
    }
  }
}

/// A job as a test names it: `name`, or `script/name` where several scripts have one.
struct JobName {
  var script: String?
  var name: String

  init(_ text: String) {
    if let end = text.range(of: ".lua/") {
      script = String(text[..<text.index(end.lowerBound, offsetBy: 4)])
      name = String(text[end.upperBound...])
    } else {
      name = text
    }
  }

  func matches(_ script: String, _ job: String) -> Bool {
    name == job && (self.script == nil || self.script == script)
  }
}

extension String {
  /// Where a text is in this one first.
  fileprivate func range(of other: String) -> Range<String.Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(other) { return start..<index(start, offsetBy: other.count) }
      start = index(after: start)
    }
    return nil
  }
}

extension TestRecord.State {
  fileprivate mutating func note(_ entry: TraceEntry) {
    entries.append(entry)
    guard let script = entry.script, let job = entry.job else { return }
    switch entry.event {
    case "job.added":
      if owners[job]?.contains(script) != true { owners[job, default: []].append(script) }
      known[job, default: []].insert(script)
    case "job.removed": owners[job]?.removeAll { $0 == script }
    default: noteRun(entry)
    }
  }

  private mutating func noteRun(_ entry: TraceEntry) {
    guard let run = entry.run else { return }
    if let started = SimulatedRun(startedBy: entry) {
      underWay[run] = runs.count
      runs.append(TestRecord.RecordedRun(run: started))
      return
    }
    guard let place = underWay[run], runs[place].run.end(by: entry) else { return }
    underWay[run] = nil
    guard reports[run]?.isEmpty == false else { return }
    runs[place].report = reports[run]?.removeFirst()
    if reports[run]?.isEmpty == true { reports[run] = nil }
  }
}

extension Timestamp {
  /// Seconds since 1970, as scripts have them.
  fileprivate var value: Value { .number(luaSeconds) }
}

extension TestRecord.RecordedRun {
  fileprivate var value: Value {
    var fields: [Value: Value] = [
      "id": .string(run.id.description), "script": .string(run.script), "job": .string(run.job),
      "status": .string(run.status), "scheduled_at": run.scheduledAt.value,
      "started_at": run.startedAt.value, "late": .number(run.late),
    ]
    if let endedAt = run.endedAt { fields["ended_at"] = endedAt.value }
    if let error = run.error { fields["error"] = .string(error) }
    if let report {
      fields["n"] = .integer(report.number)
      fields["attempt"] = .integer(Int64(report.attempt))
      if case .succeeded(let result) = report.outcome, !result.isNil { fields["result"] = result }
      if let data = report.outcome.failure?.data, !data.isNil { fields["data"] = data }
    }
    return .table(fields)
  }
}

extension TraceEntry {
  /// What a pattern is compared with: of an event that a script emitted, its own name.
  fileprivate var name: String { event == "emit" ? self["name"]?.text ?? event : event }

  fileprivate var told: Value {
    var fields = place
    fields["name"] = .string(name)
    if let run { fields["run"] = .string(run.description) }
    if let scheduledAt { fields["scheduled_at"] = scheduledAt.value }
    if let reason { fields["reason"] = .string(reason) }
    for detail in details where detail.key != "name" {
      fields[.string(detail.key)] = detail.value
    }
    return .table(fields)
  }

  fileprivate var logLine: Value {
    var fields = place
    for detail in details { fields[.string(detail.key)] = detail.value }
    return .table(fields)
  }

  private var place: [Value: Value] {
    var fields: [Value: Value] = ["at": time.value]
    if let script { fields["script"] = .string(script) }
    if let job { fields["job"] = .string(job) }
    return fields
  }
}
