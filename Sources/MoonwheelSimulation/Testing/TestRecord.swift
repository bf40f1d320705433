import MoonwheelModel
import SchedulerCore
import ScriptHost
import Synchronization
import Triggers

/// The jobs, runs, events and log lines of a test's simulation.
final class TestRecord: Sendable {
  fileprivate struct State {
    var entries: [TraceEntry] = []
    /// Of runs whose end is not in the trace yet.
    var ends: [Run.ID: RecordedEnd] = [:]
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
    var end: RecordedEnd?
  }

  /// What a test sees of a ``RunEnd``. The end itself, and the log lines in it, would count for the memory of the script
  /// for as long as they are kept.
  struct RecordedEnd {
    var number: Int64
    var attempt: Int32
    var result = Value.nil
    var data = Value.nil

    init(_ end: RunEnd) {
      number = end.number
      attempt = end.attempt
      if case .succeeded(let value) = end.outcome { result = value }
      if let failure = end.outcome.failure { data = failure.data }
    }
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
    state.withLock { $0.ends[report.run] = RecordedEnd(report) }
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
    runs[index].end = ends.removeValue(forKey: run)
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
    if let end {
      fields["n"] = .integer(end.number)
      fields["attempt"] = .integer(Int64(end.attempt))
      if !end.result.isNil { fields["result"] = end.result }
      if !end.data.isNil { fields["data"] = end.data }
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
