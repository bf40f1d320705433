import MoonwheelModel
import Moonwheel

/// Gathers from the trace of a simulation what a person wants to know of it.
struct TraceSummary {
  let zone: Zone
  /// In the order in which they were registered.
  private(set) var jobs: [JobTally] = []
  private(set) var density: DensityMap
  private(set) var load = LoadTally()
  private(set) var errors = ErrorTally()
  private(set) var scripts = 0
  private(set) var outages = 0
  private(set) var clockSteps = 0
  private var places: [JobName: Int] = [:]
  /// Runs whose next start is another attempt.
  private var continued: Set<Run.ID> = []
  /// Runs that an outage cut off: some are started again.
  private var cutOff: Set<Run.ID> = []

  private struct JobName: Hashable {
    let script: String
    let job: String
  }

  init(zone: Zone) {
    self.zone = zone
    density = DensityMap(zone: zone)
  }

  var fires: Int { jobs.map(\.fires).reduce(0, +) }
  var runs: Int { jobs.map(\.runs).reduce(0, +) }

  /// Entries come in the order of the trace.
  mutating func take(_ entry: TraceEntry) {
    guard let script = entry.script, let job = entry.job else {
      takeHost(entry)
      return
    }
    guard entry.event.hasPrefix("run.") || entry.event == "job.added" else { return }
    take(entry, place(of: JobName(script: script, job: job)))
  }

  private mutating func takeHost(_ entry: TraceEntry) {
    switch entry.event {
    case "script.loaded" where outages == 0: scripts += 1
    case "script.failed": errors.note(entry["error"]?.text ?? "", of: entry.script, at: entry.time)
    case "outage.began": outages += 1
    case "scheduler.clock_stepped": clockSteps += 1
    default: break
    }
  }

  private mutating func place(of name: JobName) -> Int {
    if let place = places[name] { return place }
    jobs.append(JobTally(script: name.script, name: name.job))
    places[name] = jobs.count - 1
    return jobs.count - 1
  }

  private mutating func take(_ entry: TraceEntry, _ place: Int) {
    switch entry.event {
    case "run.started": start(entry, place)
    case "run.retrying":
      jobs[place].retries += 1
      jobs[place].failed -= 1
      if let run = entry.run { continued.insert(run) }
    case "run.skipped":
      jobs[place].skipped += withdraw(entry, place)
      note("skipped", entry, place)
    case "run.missed":
      jobs[place].missed += withdraw(entry, place)
      note("missed", entry, place)
    case "run.denied":
      _ = withdraw(entry, place)
      note("denied", entry, place)
    case "run.cancelled": note("cancelled", entry, place)
    case "run.failed", "run.timed_out", "run.dropped", "run.evicted", "run.abandoned":
      jobs[place].failed += 1
      if entry.event == "run.abandoned", let run = entry.run { cutOff.insert(run) }
      errors.note(
        entry["error"]?.text ?? "", of: "\(jobs[place].script):\(jobs[place].name)", at: entry.time)
    default: break
    }
  }

  private mutating func start(_ entry: TraceEntry, _ place: Int) {
    density.note(entry.time)
    load.start(of: place, at: entry.time)
    if let run = entry.run {
      if continued.remove(run) != nil { return }
      if cutOff.remove(run) != nil {
        jobs[place].failed -= 1
        jobs[place].retries += 1
        return
      }
    }
    let late = entry.scheduledAt.map { $0.distance(to: entry.time) } ?? 0
    jobs[place].start(late: late)
  }

  /// How many fires an entry is about that were not run. One whose run had begun is none any more.
  private mutating func withdraw(_ entry: TraceEntry, _ place: Int) -> Int {
    let count = entry.count
    if entry.run != nil { jobs[place].runs -= 1 } else { jobs[place].fires += count }
    return count
  }

  private mutating func note(_ verb: String, _ entry: TraceEntry, _ place: Int) {
    let text = entry.reason ?? entry["error"]?.text ?? ""
    jobs[place].note(verb, TraceText.withoutRuns(text), count: entry.count)
  }
}

extension TraceEntry {
  /// How many fires it is about.
  var count: Int {
    guard case .integer(let count)? = self["count"] else { return 1 }
    return Int(count)
  }
}
