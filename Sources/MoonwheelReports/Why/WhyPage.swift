import JSON
import JobHistory
import JobStore
import MoonwheelModel
import Triggers

/// The answer of `why`: the state of a job, the outcome of its fires, its pending runs, and its next fire.
package struct WhyPage {
  private let timeline: Timeline
  private let zones: HistoryZones
  private let entries: [Timeline.Entry]
  /// Oldest first.
  private let pendingRuns: [PendingRun]

  /// - Parameters:
  ///   - center: shows five fires before this instant and five after it; nil shows the last ten.
  ///   - handledThrough: according to the store, the host has handled every fire up to here.
  ///   - host: the host that has the store open for writing; nil if there is none.
  package init(
    of job: StoredJob, around center: Timestamp?, in store: some JobStore, now: Timestamp,
    handledThrough: Timestamp?, host: String?, zones: HistoryZones
  ) throws(StoreError) {
    self.zones = zones
    timeline = Timeline(
      job: job, trigger: StoredTrigger(job), now: now, handledThrough: handledThrough, host: host,
      zone: zones.zone(of: job))
    let extent =
      center == nil
      ? Timeline.Extent(before: 10, after: 0) : Timeline.Extent(before: 5, after: 5)
    entries = try timeline.entries(around: center ?? now, extent, in: store)
    pendingRuns = try store.pendingRuns(of: job.key)
  }

  private var job: StoredJob { timeline.job }
  private var zone: Zone { timeline.zone }

  private var next: Timestamp? {
    guard job.state == .active, job.absence == nil else { return nil }
    return timeline.trigger?.next(after: timeline.now)
  }

  // MARK: Words

  package var lines: [String] {
    let words = WhyWords(zone: zone)
    let outcomes =
      entries.isEmpty ? ["It has no fires in the store yet."] : entries.map(words.line)
    var ending = pendingRuns.prefix(10).map { "run \($0.run) " + words.pending($0) }
    if pendingRuns.count > 10 { ending.append("and \(pendingRuns.count - 10) more that wait") }
    if let busy { ending.append("It waits for what run \(busy.run) began: \(busy.label).") }
    if let next { ending.append("The next fire is due at \(words.iso(next)).") }
    return heading + outcomes + (ending.isEmpty ? [] : [""] + ending)
  }

  /// The last run that has ended, but not all that it began; nil if there is none.
  private var busy: (run: Run.ID, label: String)? {
    entries.lazy.reversed().compactMap { entry in
      guard case .recorded(.run(let record)) = entry, let label = record.ending else { return nil }
      return (record.run, label.escapingControls)
    }.first
  }

  private var heading: [String] {
    let because = timeline.because
    let state: String? =
      switch job.state {
      case .active: nil
      case .paused: "It is paused\(because)."
      case .cancelled: "It is cancelled\(because)."
      case .finished: "It has ended\(because.isEmpty ? ": it has no further fire" : because)."
      }
    let orphaned = job.orphanedAt.map { "No script has had it since \($0.iso(in: zone))." }
    let unloaded = job.unloadedSince.map {
      "Its script does not load. Fires after \($0.iso(in: zone)) wait until it does."
    }
    let ahead = timeline.handledThrough.flatMap { handled in
      timeline.now.distance(to: handled) > 1_000_000_000
        ? "The store is ahead of the clock: the last host had come as far as \(handled.iso(in: zone))."
        : nil
    }
    let trigger = timeline.trigger?.words ?? job.trigger
    return ["\(job.title): \(trigger)".escapingControls]
      + [state, orphaned ?? unloaded, ahead].compactMap(\.self) + [""]
  }

  // MARK: JSON

  /// The objects in the order of ``lines``; the next fire is a member of the first one, the job.
  package var objects: [JSONValue] {
    let history = HistoryJSON(zone: zones.general)
    let outcomes = entries.map { entry in
      switch entry {
      case .recorded(let entry): history.object(entry)
      case .unrecorded(let from, let through, let count, let reason):
        history.object(of: job, unkept: reason, from: from, through: through, count: count)
      }
    }
    return [history.object(job, words: timeline.trigger?.words, next: next)] + outcomes
      + pendingRuns.map(history.object)
  }
}
