import Moonwheel
import MoonwheelModel
import MoonwheelSimulation
import Triggers

/// The trace of a simulation in numbers: by job, by time, by error.
package struct TraceSummary {
  let zone: Zone
  /// In the order in which they were registered.
  package private(set) var jobs: [JobTally] = []
  package private(set) var density: DensityMap
  package private(set) var load = LoadTally()
  package private(set) var errors = ErrorTally()
  /// How many scripts loaded before the first outage.
  package private(set) var scripts = 0
  package private(set) var outages = 0
  package private(set) var clockSteps = 0
  private var indices: [JobName: Int] = [:]
  /// Runs whose next start is another attempt.
  private var retrying: Set<Run.ID> = []
  /// Runs that an outage interrupted; some start again.
  private var interrupted: Set<Run.ID> = []

  private struct JobName: Hashable {
    let script: String
    let job: String
  }

  package init(zone: Zone) {
    self.zone = zone
    density = DensityMap(zone: zone)
  }

  package var fires: Int { jobs.map(\.fires).reduce(0, +) }
  package var runs: Int { jobs.map(\.runs).reduce(0, +) }

  /// Takes the next entry of the trace.
  package mutating func take(_ entry: TraceEntry) {
    guard let script = entry.script, let job = entry.job else {
      takeHost(entry)
      return
    }
    guard entry.event.hasPrefix("run.") || entry.event == "job.added" else { return }
    take(entry, index(of: JobName(script: script, job: job)))
  }

  private mutating func takeHost(_ entry: TraceEntry) {
    switch entry.event {
    case "script.loaded" where outages == 0: scripts += 1
    case "script.failed": errors.add(entry["error"]?.text ?? "", of: entry.script, at: entry.time)
    case "outage.began": outages += 1
    case "scheduler.clock_stepped": clockSteps += 1
    default: break
    }
  }

  private mutating func index(of name: JobName) -> Int {
    if let index = indices[name] { return index }
    jobs.append(JobTally(script: name.script, name: name.job))
    indices[name] = jobs.count - 1
    return jobs.count - 1
  }

  private mutating func take(_ entry: TraceEntry, _ index: Int) {
    switch entry.event {
    case "run.started": start(entry, index)
    case "run.retrying":
      jobs[index].retries += 1
      jobs[index].failed -= 1
      if let run = entry.run { retrying.insert(run) }
    case "run.skipped":
      jobs[index].skipped += withdraw(entry, index)
      count("skipped", entry, index)
    case "run.missed":
      jobs[index].missed += withdraw(entry, index)
      count("missed", entry, index)
    case "run.denied": count("denied", entry, index)
    case "run.cancelled": count("cancelled", entry, index)
    case "run.failed", "run.timed_out", "run.dropped", "run.evicted", "run.abandoned":
      jobs[index].failed += 1
      if entry.event == "run.abandoned", let run = entry.run { interrupted.insert(run) }
      errors.add(
        entry["error"]?.text ?? "", of: "\(jobs[index].script):\(jobs[index].name)", at: entry.time)
    default: break
    }
  }

  private mutating func start(_ entry: TraceEntry, _ index: Int) {
    density.add(entry.time)
    load.start(of: index, at: entry.time)
    if let run = entry.run {
      if retrying.remove(run) != nil { return }
      if interrupted.remove(run) != nil {
        jobs[index].failed -= 1
        jobs[index].retries += 1
        return
      }
    }
    let late = entry.scheduledAt.map { $0.distance(to: entry.time) } ?? 0
    jobs[index].start(late: late)
  }

  /// Subtracts the run of an entry that says that it did not run, or adds fires that became no run. Returns the number
  /// of fires that the entry is about.
  private mutating func withdraw(_ entry: TraceEntry, _ index: Int) -> Int {
    let count = entry.count
    if entry.run != nil { jobs[index].runs -= 1 } else { jobs[index].fires += count }
    return count
  }

  private mutating func count(_ verb: String, _ entry: TraceEntry, _ index: Int) {
    let text = entry.reason ?? entry["error"]?.text ?? ""
    // A denial has its remedy on a second line, which the list of what was denied has, too.
    let line = String(text.prefix { $0 != "\n" })
    jobs[index].add(verb, line.maskingRunIDs, count: entry.count)
  }
}

extension TraceEntry {
  /// How many fires the entry is about.
  var count: Int { self["count"]?.int.map { Int($0) } ?? 1 }
}
