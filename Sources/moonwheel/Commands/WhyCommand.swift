import ArgumentParser
import Moonwheel

struct WhyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "why",
    abstract: "Says what became of a job's fires: ran, or the reason why not.")

  @Argument(help: "The job: its name, or script:name.")
  var job: String

  @Argument(help: "Around when: \"09:00\", \"2h\" ago, \"2026-12-24 18:00\"; lately, if not given.")
  var time: String?

  @OptionGroup var history: HistoryOptions

  func run() throws {
    do throws(Failure) {
      let zone = try history.zone()
      let now = SystemClock().read().wall
      let center = try time.map { text throws(Failure) in try instant(text, zone, now) }
      let store = try history.open()
      let stored = try JobLookup.find(job, in: store)
      let words = WhyWords(zone: zone)
      let timeline = Timeline(
        job: stored, trigger: StoredTrigger(stored), now: now,
        handledThrough: try asking { () throws(StoreError) in try store.handledThrough() },
        host: store.host, words: words)
      for line in heading(timeline) { say(line) }
      let extent =
        center == nil
        ? Timeline.Extent(before: 10, after: 0) : Timeline.Extent(before: 5, after: 5)
      let lines = try timeline.lines(around: center ?? now, extent, in: store)
      say(lines.isEmpty ? "Nothing has become of it yet." : lines.joined(separator: "\n"))
      for line in try ending(timeline, store) { say(line) }
    } catch {
      throw error.report()
    }
  }

  private func instant(
    _ text: String, _ zone: Zone, _ now: Timestamp
  ) throws(Failure) -> Timestamp {
    do { return try PastTime.read(text, zone: zone, now: now, word: "the time") } catch {
      throw Failure(message: "moonwheel: \(error.message)", code: 64)
    }
  }

  private func heading(_ timeline: Timeline) -> [String] {
    let job = timeline.job
    let because = job.reason.map { ": \(LogPretty.visible($0))" } ?? ""
    let state: String? =
      switch job.state {
      case .active: nil
      case .paused: "It is paused\(because)."
      case .cancelled: "It is cancelled\(because)."
      case .finished: "It has ended: its trigger has no further fire."
      }
    let orphaned = job.orphanedAt.map { "No script has had it since \(timeline.words.iso($0))." }
    let trigger = timeline.trigger?.words ?? job.trigger
    return [LogPretty.visible("\(job.title): \(trigger)")] + [state, orphaned].compactMap { $0 }
      + [""]
  }

  /// What waits, and what comes next.
  private func ending(_ timeline: Timeline, _ store: some JobStore) throws(Failure) -> [String] {
    let job = timeline.job
    let promises = try asking { () throws(StoreError) in try store.promises(of: job.key) }
    var lines = promises.prefix(10).map { "run \($0.run) " + timeline.words.waiting($0) }
    if promises.count > 10 { lines.append("and \(promises.count - 10) more that wait") }
    if job.state == .active, job.orphanedAt == nil,
      let next = timeline.trigger?.next(after: timeline.now)
    {
      lines.append("The next fire is due at \(timeline.words.iso(next)).")
    }
    return lines.isEmpty ? [] : [""] + lines
  }
}
