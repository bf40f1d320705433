import MoonwheelModel
import SchedulerCore
import ScriptHost
import Synchronization
import Triggers

/// The jobs, runs, events and log lines of a test's simulation.
final class TestRecord: Sendable {
  fileprivate struct State {
    var entries: [TraceEntry] = []
    /// The reports of runs whose end is not in the trace yet.
    var reports: [Run.ID: RunEnd] = [:]
    var runs: [RecordedRun] = []
    /// The indices in `runs` of those under way.
    var underWay: [Run.ID: Int] = [:]
    /// By the name of a job: the scripts that have it now, in the order in which they got it.
    var owners: [String: [String]] = [:]
    /// By the name of a job: the scripts that have it or had it.
    var known: [String: Set<String>] = [:]
  }

  struct RecordedRun {
    var run: SimulatedRun
    var report: RunEnd?
  }

  private let state = Mutex(State())

  /// The most entries of one test, some gigabytes.
  private static let capacity = 2_000_000

  /// Throws if the record is full.
  func checkRoom() throws(Mistake) {
    guard state.withLock({ $0.entries.count }) >= Self.capacity else { return }
    throw Mistake(
      "the simulation has recorded \(Self.capacity) events and log lines, the most that a test keeps; let less time pass, or let jobs fire less often"
    )
  }

  func add(_ report: RunEnd) {
    guard !report.isHook else { return }
    state.withLock { $0.reports[report.run] = report }
  }

  func add(_ entry: TraceEntry) { state.withLock { $0.add(entry) } }

  /// The scripts that have a job of this name.
  func scripts(with job: String) -> [String] { state.withLock { $0.owners[job] ?? [] } }

  /// Whether there is or was such a job.
  func hasKnown(_ job: JobName) -> Bool {
    state.withLock { state in
      state.known[job.name]?.contains { job.matches($0, job.name) } == true
    }
  }

  /// The names of all jobs that exist or existed, sorted.
  var jobs: [String] { state.withLock { $0.known.keys.sorted() } }

  func runs(of job: JobName?) -> [Value] {
    state.withLock { state in
      state.runs.filter { job?.matches($0.run.script, $0.run.job) != false }.map(\.value)
    }
  }

  func events(_ pattern: EventPattern) -> [Value] {
    state.withLock { state in
      state.entries.filter { $0.event != "log" && pattern.matches($0.name) }.map(\.eventValue)
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

/// A job as a test names it: `name`, or `script/name` if several scripts have a job of that name.
struct JobName {
  var script: String?
  var name: String

  init(_ text: String) {
    if let end = text.firstRange(of: ".lua/") {
      script = String(text[..<end.upperBound].dropLast())
      name = String(text[end.upperBound...])
    } else {
      name = text
    }
  }

  func matches(_ script: String, _ job: String) -> Bool {
    name == job && (self.script == nil || self.script == script)
  }
}

extension TestRecord.State {
  fileprivate mutating func add(_ entry: TraceEntry) {
    entries.append(entry)
    guard let script = entry.script, let job = entry.job else { return }
    switch entry.event {
    case "job.added":
      if owners[job]?.contains(script) != true { owners[job, default: []].append(script) }
      known[job, default: []].insert(script)
    case "job.removed": owners[job]?.removeAll { $0 == script }
    default: updateRun(entry)
    }
  }

  private mutating func updateRun(_ entry: TraceEntry) {
    guard let run = entry.run else { return }
    if let started = SimulatedRun(startedBy: entry) {
      underWay[run] = runs.count
      runs.append(TestRecord.RecordedRun(run: started))
      return
    }
    guard let index = underWay[run], runs[index].run.end(by: entry) else { return }
    underWay[run] = nil
    runs[index].report = reports.removeValue(forKey: run)
  }
}

extension Timestamp {
  /// Seconds since 1970, as in scripts.
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
  /// The name that patterns match: for an event that a script emitted, the name of that event.
  fileprivate var name: String { event == "emit" ? self["name"]?.text ?? event : event }

  /// The table that `sim:events` returns for an entry.
  fileprivate var eventValue: Value {
    var fields = originFields
    fields["name"] = .string(name)
    if let run { fields["run"] = .string(run.description) }
    if let scheduledAt { fields["scheduled_at"] = scheduledAt.value }
    if let reason { fields["reason"] = .string(reason) }
    for detail in details where detail.key != "name" {
      fields[.string(detail.key)] = detail.value
    }
    return .table(fields)
  }

  /// The table that `sim:log` returns for an entry.
  fileprivate var logLine: Value {
    var fields = originFields
    for detail in details { fields[.string(detail.key)] = detail.value }
    return .table(fields)
  }

  /// The time, the script and the job.
  private var originFields: [Value: Value] {
    var fields: [Value: Value] = ["at": time.value]
    if let script { fields["script"] = .string(script) }
    if let job { fields["job"] = .string(job) }
    return fields
  }
}
