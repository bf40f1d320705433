import MoonwheelModel
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

  @Flag(help: "One JSON object a line.")
  var json = false

  @OptionGroup var history: HistoryOptions

  func run() throws {
    do throws(Failure) {
      let zone = try history.zone()
      let now = SystemClock().read().wall
      let center = try time.map { text throws(Failure) in try instant(text, zone, now) }
      let store = try history.open()
      let stored = try JobLookup.find(job, in: store)
      let timeline = Timeline(
        job: stored, trigger: StoredTrigger(stored), now: now,
        handledThrough: try asking { () throws(StoreError) in try store.handledThrough() },
        host: store.host, zone: zone)
      let extent =
        center == nil
        ? Timeline.Extent(before: 10, after: 0) : Timeline.Extent(before: 5, after: 5)
      let entries = try timeline.entries(around: center ?? now, extent, in: store)
      let pendingRuns = try asking { () throws(StoreError) in try store.pendingRuns(of: stored.key) }
      let page = WhyPage(timeline: timeline, entries: entries, pendingRuns: pendingRuns)
      for line in json ? page.jsonLines : page.lines { say(line) }
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
}
