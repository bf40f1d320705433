import MoonwheelModel
import Moonwheel

/// What `why` says of a job: how it stands, what became of its fires, what waits, and what comes next.
struct WhyPage {
  let timeline: Timeline
  let entries: [Timeline.Entry]
  /// Promised runs that have not ended, oldest first.
  let pendingRuns: [PendingRun]

  private var job: StoredJob { timeline.job }
  private var zone: Zone { timeline.zone }

  private var next: Timestamp? {
    guard job.state == .active, job.orphanedAt == nil else { return nil }
    return timeline.trigger?.next(after: timeline.now)
  }

  // MARK: Words

  var lines: [String] {
    let words = WhyWords(zone: zone)
    let told = entries.isEmpty ? ["Nothing has become of it yet."] : entries.map(words.line)
    var ending = pendingRuns.prefix(10).map { "run \($0.run) " + words.waiting($0) }
    if pendingRuns.count > 10 { ending.append("and \(pendingRuns.count - 10) more that wait") }
    if let next { ending.append("The next fire is due at \(words.iso(next)).") }
    return heading + told + (ending.isEmpty ? [] : [""] + ending)
  }

  private var heading: [String] {
    let because = job.reason.map { ": \(LogPretty.visible($0))" } ?? ""
    let state: String? =
      switch job.state {
      case .active: nil
      case .paused: "It is paused\(because)."
      case .cancelled: "It is cancelled\(because)."
      case .finished: "It has ended\(because.isEmpty ? ": it has no further fire" : because)."
      }
    let orphaned = job.orphanedAt.map { "No script has had it since \($0.iso(in: zone))." }
    let ahead = timeline.handledThrough.flatMap { handled in
      timeline.now.distance(to: handled) > 1_000_000_000
        ? "The store is ahead of the clock: the last host had come as far as \(handled.iso(in: zone))."
        : nil
    }
    let trigger = timeline.trigger?.words ?? job.trigger
    return [LogPretty.visible("\(job.title): \(trigger)")]
      + [state, orphaned, ahead].compactMap(\.self) + [""]
  }

  // MARK: JSON

  /// In the order of ``lines``, but for the next fire, which is told with the job.
  var jsonLines: [String] {
    let history = HistoryJSON(zone: zone)
    let told = entries.map { entry in
      switch entry {
      case .kept(let entry): history.line(entry)
      case .unkept(let from, let through, let count, let reason):
        history.line(of: job, unkept: reason, from: from, through: through, count: count)
      }
    }
    return [history.line(job, timeline.trigger, next: next)] + told + pendingRuns.map(history.line)
  }
}
