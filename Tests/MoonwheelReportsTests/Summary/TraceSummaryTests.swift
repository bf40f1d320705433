import Layers
import Moonwheel
import MoonwheelSimulation
import Testing

@testable import MoonwheelReports

@Suite struct TraceSummaryTests {
  /// An instant, in minutes after Monday 2026-06-01 00:00 UTC.
  private static func minute(_ minutes: Double) -> Timestamp {
    Timestamp(seconds: 1_780_272_000).advanced(by: Int64(minutes * 60e9))
  }

  private static func entry(
    _ event: String, at minutes: Double, job: String = "a", run: UInt64? = nil,
    scheduled: Double? = nil, reason: String? = nil, _ details: [TraceEntry.Detail] = []
  ) -> TraceEntry {
    var entry = TraceEntry(time: minute(minutes), event: event, script: "s.lua", job: job)
    entry.run = run.map { Run.ID(rawValue: $0) }
    entry.scheduledAt = scheduled.map(minute)
    entry.reason = reason
    entry.details = details
    return entry
  }

  private static func summary(_ entries: TraceEntry...) -> TraceSummary {
    var summary = TraceSummary(zone: .utc)
    for entry in entries { summary.take(entry) }
    return summary
  }

  @Test func `a run with a retry is one run`() throws {
    let job = try #require(
      Self.summary(
        Self.entry("run.started", at: 1, run: 1, scheduled: 1),
        Self.entry("run.failed", at: 1, run: 1, [.init("error", "no")]),
        Self.entry("run.retrying", at: 1, run: 1),
        Self.entry("run.started", at: 2, run: 1, scheduled: 1),
        Self.entry("run.failed", at: 2, run: 1, [.init("error", "no")])
      ).jobs.first)
    #expect(job.fires == 1 && job.runs == 1 && job.retries == 1 && job.failed == 1)
    #expect(job.lateness.max == 0)
  }

  @Test func `a run that an outage interrupted and that starts again did not fail`() throws {
    let job = try #require(
      Self.summary(
        Self.entry("run.started", at: 1, run: 1, scheduled: 1),
        Self.entry("run.abandoned", at: 9, run: 1),
        Self.entry("run.started", at: 9, run: 1, scheduled: 1),
        Self.entry("run.succeeded", at: 9, run: 1)
      ).jobs.first)
    #expect(job.fires == 1 && job.runs == 1 && job.retries == 1 && job.failed == 0)
  }

  @Test func `fires that do not become runs are counted by reason`() throws {
    let job = try #require(
      Self.summary(
        Self.entry(
          "run.missed", at: 9, reason: "down; run D1DND5J000001 stands for it", [.init("count", 6)]),
        Self.entry(
          "run.missed", at: 19, reason: "down; run D1DND5J000002 stands for it", [.init("count", 2)]
        ),
        Self.entry("run.skipped", at: 20, reason: "busy"),
        Self.entry("run.started", at: 21, run: 5, scheduled: 21),
        Self.entry("run.skipped", at: 21, run: 5, reason: "when said no")
      ).jobs.first)
    #expect(job.fires == 10 && job.runs == 0 && job.missed == 8 && job.skipped == 2)
    #expect(
      job.reasons == [
        .init(verb: "missed", text: "down; run ... stands for it", count: 8),
        .init(verb: "skipped", text: "busy", count: 1),
        .init(verb: "skipped", text: "when said no", count: 1),
      ])
  }

  @Test func `reasons beyond the limit are counted together`() {
    var job = JobTally(script: "s.lua", name: "a")
    for number in 1...20 { job.add("skipped", "\(number)", count: 2) }
    job.add("skipped", "3", count: 1)
    #expect(job.reasons.count == 8 && job.reasons[2].count == 3)
    #expect(job.otherReasons == 24)
  }

  @Test(
    arguments: [
      ([], nil, nil), ([0], 0, 0), ([5, 0, 0], 0, 5), ([9, 7, 0], 7, 9), ([4, 3, 2, 1], 2, 4),
      ([-3], 0, 0),
    ] as [([Int64], Int64?, Int64?)])
  func `lateness has a median and a maximum`(late: [Int64], median: Int64?, most: Int64?) {
    var lateness = Lateness()
    for length in late { lateness.add(length) }
    #expect(lateness.median == median && lateness.max == most)
  }

  @Test func `the busiest minute and the worst collisions are found`() {
    var load = LoadTally()
    for (job, minutes) in [
      (0, 1.0), (1, 1), (0, 1), (2, 1.5), (0, 2), (0, 3), (1, 3), (2, 3), (3, 3),
    ] {
      load.start(of: job, at: Self.minute(minutes))
    }
    #expect(load.busiestMinute == .init(time: Self.minute(1), starts: 4))
    #expect(load.collisions == 2)
    #expect(
      load.worst == [
        .init(time: Self.minute(3), jobs: [0, 1, 2, 3]), .init(time: Self.minute(1), jobs: [0, 1]),
      ])
  }

  @Test func `only the worst collisions are kept, the earlier of equal ones`() {
    var load = LoadTally()
    for instant in 0..<20 {
      for job in 0...(instant == 15 ? 3 : 1) {
        load.start(of: job, at: Self.minute(Double(instant)))
      }
    }
    #expect(load.collisions == 20)
    #expect(load.worst.map(\.time) == [15, 0, 1].map(Self.minute))
  }

  @Test func `density is by weekday and hour of the zone`() throws {
    let zone = try SystemZones.shared.zone(named: "Asia/Tokyo")
    var map = DensityMap(zone: zone)
    for _ in 0..<10 { map.add(Self.minute(0)) }
    map.add(Self.minute(60))
    map.add(Self.minute(-60 * 10))
    let peak = try #require(map.peak)
    #expect(peak == (day: 0, hour: 9, count: 10))
    #expect(map[0, 10] == 1 && map[6, 23] == 1)
    let rows = map.lines(isASCII: false)
    #expect(
      rows[1] == "Mon  ·· ·· ·· ·· ·· ·· ·· ·· ·· ██ ▁▁ ·· ·· ·· ·· ·· ·· ·· ·· ·· ·· ·· ·· ··")
    #expect(map.lines(isASCII: true)[7].hasSuffix(".. .. 11"))
    #expect(rows.allSatisfy { $0.count == 76 })
  }

  @Test func `equal errors have one entry, the most frequent first`() {
    var errors = ErrorTally()
    for number in 0..<5 {
      errors.add("a\nmore", of: "s.lua:a", at: Self.minute(1))
      if number % 2 == 0 { errors.add("b", of: "s.lua:b", at: Self.minute(2)) }
    }
    #expect(
      errors.byCount == [
        .init(source: "s.lua:a", message: "a", count: 5, first: Self.minute(1)),
        .init(source: "s.lua:b", message: "b", count: 3, first: Self.minute(2)),
      ])
  }

  // MARK: As text

  private static func text(_ summary: TraceSummary, isASCII: Bool = false) -> [String] {
    SummaryText(summary: summary, start: minute(0), end: minute(60), isASCII: isASCII).lines
  }

  @Test func `columns are aligned, and no line is wider than a terminal`() {
    let long = String(repeating: "n", count: 80)
    let lines = Self.text(
      Self.summary(
        Self.entry("run.started", at: 1, run: 1, scheduled: 1),
        Self.entry("run.failed", at: 1, run: 1, [.init("error", .string(long + long))]),
        Self.entry("run.started", at: 1, job: long, run: 2, scheduled: 0.5),
        Self.entry("run.skipped", at: 2, job: long, reason: long)))
    #expect(
      lines[0...1]
        == [
          "2026-06-01T00:00:00+00:00 to 2026-06-01T01:00:00+00:00, UTC",
          "0 scripts, 2 jobs, 3 fires, 2 runs",
        ])
    #expect(
      lines[3...5] == [
        "job                                   fires  runs  failed  retries  skipped  missed  late p50  max",
        "s.lua:a                                   1     1       1        -        -       -         0    0",
        "s.lua:nnnnnnnnnnnnnnnnnnnnnnnnnnnnn…      2     1       -        -        1       -       30s  30s",
      ])
    #expect(lines.allSatisfy { $0.count <= 100 }, "\(lines)")
  }

  @Test func `a long error is broken into three lines`() {
    let words = String(repeating: "word ", count: 100)
    let lines = Self.text(
      Self.summary(
        Self.entry("run.started", at: 1, run: 1, scheduled: 1),
        Self.entry("run.failed", at: 1, run: 1, [.init("error", .string(words))])))
    #expect(lines.suffix(4).first == "  1 x s.lua:a, first at 2026-06-01T00:01:00+00:00")
    let row = String(repeating: " word", count: 19)
    #expect(Array(lines.suffix(3).prefix(2)) == ["     " + row, "     " + row])
    #expect(lines.last?.count == 100 && lines.last?.hasSuffix("…") == true)
  }

  @Test func `jobs beyond the limit are counted`() {
    var summary = TraceSummary(zone: .utc)
    for number in 0..<300 { summary.take(Self.entry("job.added", at: 0, job: "j\(number)")) }
    let lines = Self.text(summary)
    #expect(lines.last == "  and 100 more" && lines.count == 205)
  }

  @Test func `a summary of nothing has only a heading`() {
    #expect(
      Self.text(Self.summary()) == [
        "2026-06-01T00:00:00+00:00 to 2026-06-01T01:00:00+00:00, UTC",
        "0 scripts, 0 jobs, 0 fires, 0 runs",
      ])
  }
}
