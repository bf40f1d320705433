import HistorySamples
import JobHistory
import Layers
import Moonwheel
import Testing

@testable import MoonwheelReports

@Suite struct TimelineTests {
  private func lines(
    of job: StoredJob, _ changes: [StoreChange] = [], now: Double, around center: Double? = nil,
    handled: Double? = nil, host: String? = "process 1", before: Int = 10
  ) throws -> [String] {
    let timeline = Timeline(
      job: job, trigger: StoredTrigger(job), now: hour(now),
      handledThrough: handled.map(hour), host: host, zone: .utc)
    let extent = Timeline.Extent(before: before, after: center == nil ? 0 : 2)
    return try timeline.entries(
      around: hour(center ?? now), extent, in: try store([.job(job)] + changes)
    ).map {
      WhyWords(zone: .utc).line($0).replacing("2026-11-22T", with: "").replacing("+00:00", with: "")
    }
  }

  @Test func `runs, summaries and decisions come in the order of their fires`() throws {
    let lines = try lines(
      of: storedJob(trigger: "on demand"),
      [
        .ended(runRecord(1, at: 3)), .ended(runRecord(2, at: 6, .failed)),
        .began(runRecord(3, at: 9, .running)),
        .summary(runSummary(from: 4, through: 5, count: 612)),
        .decision(decision(1, .skipped, at: 7, "the previous run is still going", run: 2)),
        .decision(
          decision(2, .coalesced, at: 8, through: 8.5, count: 7, "one run stands for them")),
      ], now: 10)
    #expect(
      lines == [
        "03:00:00  ran: succeeded; 3ms late, took 1.2s, run 0000000000001",
        "04:00:00  612 runs succeeded, through 05:00:00; took 40us, at most 9ms; at most 2ms late",
        "06:00:00  ran: failed: report.lua:3: boom; 3ms late, took 1.2s, run 0000000000002",
        "07:00:00  skipped: the previous run is still going; run 0000000000002",
        "08:00:00  not run by itself: one run stands for them; 7 fires, through 08:30:00",
        "09:00:00  running since 09:00:00.003, 3ms late, run 0000000000003",
      ])
  }

  @Test func `a fire without a row has a likely reason`() throws {
    let runs: [StoreChange] = [.ended(runRecord(1, at: 3)), .ended(runRecord(2, at: 5))]
    let lines = try lines(of: storedJob(), runs, now: 6.5, handled: 6.1)
    #expect(lines.count == 4)
    #expect(lines[1].hasPrefix("04:00:00  nothing is kept; its trigger may have been another"))
    #expect(lines[3].hasPrefix("06:00:00  nothing is kept; "))
  }

  @Test func `a fire that the last host did not handle says so`() throws {
    let runs: [StoreChange] = [.ended(runRecord(1, at: 3))]
    #expect(
      try lines(of: storedJob(), runs, now: 6.5, handled: 3.5, host: nil).dropFirst() == [
        "04:00:00  not handled: no host is running; the last one had come as far as 03:30:00; 3 fires, through 06:00:00"
      ])
    #expect(
      try lines(of: storedJob(), runs, now: 4.0001, handled: 3.5).dropFirst() == [
        "04:00:00  not handled yet by the host that runs"
      ])
  }

  @Test func `fires whose summary is not in the store yet count as handled`() throws {
    let job = storedJob(trigger: "every 1s", anchor: hour(2.5))
    let second = 1.0 / 3_600
    let runs: [StoreChange] = [.ended(runRecord(1, at: 3))]
    let ends = 3 + 3.2 * second
    #expect(
      try lines(of: job, runs, now: ends, handled: ends).dropFirst() == [
        "03:00:01  handled; its summary reaches the store within a minute; 3 fires, through 03:00:03"
      ])
    #expect(
      try lines(of: job, runs, now: ends, handled: ends, host: nil).dropFirst() == [
        "03:00:01  handled; a host that crashes loses its summaries of the last minute; 3 fires, through 03:00:03"
      ])
  }

  @Test func `the attempts of a run keep their order`() throws {
    var again = runRecord(1, at: 3)
    again.attempt = 2
    let lines = try lines(
      of: storedJob(), [.ended(again), .ended(runRecord(1, at: 3, .failed))], now: 3.5)
    #expect(lines.map { $0.contains("attempt 2") } == [false, true])
  }

  @Test func `a job that is paused, cancelled or finished says why it did not run`() throws {
    var job = storedJob()
    job.state = .paused
    job.reason = "by hand\u{1b}"
    job.due = hour(4)
    let runs: [StoreChange] = [.ended(runRecord(1, at: 3))]
    #expect(
      try lines(of: job, runs, now: 5.5).dropFirst() == [
        "04:00:00  held back: the job is paused: by hand\\u{1b}; 2 fires, through 05:00:00"
      ])
    job.state = .cancelled
    #expect(
      try lines(of: job, now: 3.5) == ["03:00:00  not run: the job is cancelled: by hand\\u{1b}"])
    job.state = .finished
    #expect(try lines(of: job, now: 3.5) == ["03:00:00  not run: the job has ended"])
    job.orphanedAt = hour(2.9)
    #expect(
      try lines(of: job, now: 3.5) == ["03:00:00  no script has had the job since 02:54:00"])
  }

  @Test func `the fires around an instant are shown, and that none is due at it`() throws {
    let changes: [StoreChange] = [
      .ended(runRecord(1, at: 3)), .ended(runRecord(2, at: 4)), .ended(runRecord(3, at: 5)),
    ]
    let lines = try lines(of: storedJob(), changes, now: 5.5, around: 3.25, before: 3)
    #expect(
      lines == [
        "01:00:00  no such job: it was first registered at 02:30:00; 2 fires, through 02:00:00",
        "03:00:00  ran: succeeded; 3ms late, took 1.2s, run 0000000000001",
        "03:15:00  not due at this time",
        "04:00:00  ran: succeeded; 3ms late, took 1.2s, run 0000000000002",
        "05:00:00  ran: succeeded; 3ms late, took 1.2s, run 0000000000003",
      ])
    let ahead = try self.lines(of: storedJob(), changes, now: 5.5, around: 6, before: 2)
    #expect(ahead.last == "06:00:00  not yet; 3 fires, through 08:00:00")
  }

  @Test func `a fire of a period matches its row although the clocks drift`() throws {
    let job = storedJob(trigger: "every 10m", anchor: hour(2.5))
    let run = runRecord(1, at: 2.5 + 10.0 / 60 + 0.01)
    let lines = try lines(of: job, [.ended(run)], now: 2.5 + 15.0 / 60)
    #expect(lines.count == 1, "\(lines)")
  }

  @Test func `a decision of many fires covers those in it`() throws {
    let missed = decision(1, .missed, at: 3, through: 6, count: 4, "the host was down")
    #expect(
      try lines(of: storedJob(), [.decision(missed)], now: 6.5, around: 5, before: 2) == [
        "03:00:00  missed: the host was down; 4 fires, through 06:00:00", "07:00:00  not yet",
      ])
  }
}
