import HistorySamples
import JobHistory
import Layers
import Moonwheel
import Testing

@testable import MoonwheelReports

@Suite struct StoredTriggerTests {
  static let specs = [
    "every 10s", "every 1h30m", "cron 30 2 * * *", "cron */15 2 * * *", "cron H 3 * * *",
    "every day at 02:30", "every weekday at 09:00", "every sunset",
    "every month on the last friday at 06:00", "at 2027-03-28 02:15", "at 1900000000",
  ]
  static let policies: [(Gap?, Fold?)] = [(nil, nil), (.shift, .both), (.after, .last)]

  @Test(arguments: specs, policies)
  func `the fires are those of the trigger that was stored`(
    spec: String, policy: (gap: Gap?, fold: Fold?)
  ) throws {
    let options = TriggerOptions(
      zone: try SystemZones.shared.zone(named: "Europe/Berlin"), gap: policy.gap, fold: policy.fold,
      hashKey: "report.lua:report", latitude: 52.5, longitude: -13.4)
    let trigger = try Trigger.parse(spec: spec, options)
    let job = storedJob(trigger: trigger.identity)
    let stored = try #require(StoredTrigger(job), "\(job.trigger)")
    var last = Timestamp(seconds: 1_774_000_000)
    for _ in 0..<200 {
      let fire = trigger.next(after: last, anchor: job.anchor)
      try #require(stored.next(after: last) == fire, "\(job.trigger)")
      guard let fire else { break }
      last = fire
    }
  }

  @Test(arguments: [
    "on demand", "on order.*", "after 10m", "cron @reboot",
    "cron ~ 3 * * * in UTC, gap after, fold first",
    "every 5m to 10m",
    "a | b in UTC, gap after, fold first; cron 1 * * * * in UTC, gap skip, fold both",
    "cron 0 9 * * * in Mars/Phobos, gap after, fold first", "",
  ])
  func `a trigger that its row does not define is refused`(trigger: String) {
    #expect(StoredTrigger(storedJob(trigger: trigger)) == nil)
  }

  @Test func `a text that is relative to the load has the instants of that time`() {
    var job = storedJob(trigger: "at 18:00 in UTC, gap after, fold first")
    job.instants = [hour(18)]
    let trigger = StoredTrigger(job)
    #expect(trigger?.next(after: hour(3)) == hour(18))
    #expect(trigger?.next(after: hour(18)) == nil)
  }

  @Test(arguments: ["every 1m", "every 1h", "at 18:00 in UTC, gap after, fold first"])
  func `a search before the first fire ends, with what there is`(text: String) throws {
    var job = storedJob(trigger: text, anchor: hour(10))
    if text.hasPrefix("at") { job.instants = [hour(18)] }
    let trigger = try #require(StoredTrigger(job))
    #expect(trigger.last(5, through: hour(9), notBefore: .distantPast) == [])
    let first = try #require(trigger.next(after: hour(10)))
    #expect(trigger.last(5, through: first, notBefore: .distantPast).last == first)
  }

  @Test(arguments: [
    "every 100us", "every 1ms", "every 10s", "cron 0 0 29 2 * in UTC, gap after, fold first",
  ])
  func `the last fires before an instant are found`(text: String) throws {
    let trigger = try #require(StoredTrigger(storedJob(trigger: text)))
    let end = hour(100_000)
    let fires = trigger.last(5, through: end, notBefore: .distantPast)
    #expect(fires.count == 5 && fires == fires.sorted())
    for (fire, next) in zip(fires, fires.dropFirst()) { #expect(trigger.next(after: fire) == next) }
    let last = try #require(fires.last)
    #expect(try #require(trigger.next(after: last)) > end)
    #expect(trigger.last(5, through: end, notBefore: last) == [last])
    #expect(trigger.last(5, through: end, notBefore: end.advanced(by: 1)) == [])
  }
}
