import Layers
import Moonwheel
import MoonwheelSimulation
import Testing

@testable import MoonwheelReports

@Suite struct TraceComparisonTests {
  private static func lines(_ jobs: [String]) -> [TraceLine] {
    var json = TraceJSON(zone: .utc)
    return jobs.enumerated().compactMap { index, job in
      let entry = TraceEntry(
        time: Timestamp(seconds: Int64(index)), event: "run.started", script: "s.lua", job: job)
      return TraceLine(Array(json.line(entry).utf8)[...])
    }
  }

  private static func compare(_ saved: [TraceLine], _ new: [TraceLine]) -> TraceComparison {
    var comparison = TraceComparison(zone: .utc)
    for line in saved { comparison.expect(line) }
    for line in new { _ = comparison.take(line) }
    if comparison.isIncomplete { for line in saved { _ = comparison.takeSaved(line) } }
    return comparison
  }

  @Test func `the order of lines does not count, but their number does`() {
    let lines = Self.lines(["a", "b", "c"])
    let same = Self.compare(lines, lines.reversed())
    #expect(same.report.isEmpty && same.equalLines == 3 && !same.isIncomplete)
    #expect(same.report.lines == ["no difference"])
    let twice = Self.compare(lines + lines, lines)
    #expect(!twice.report.isEmpty && twice.equalLines == 3)
  }

  @Test func `lines that one trace lacks are reported by job, then in order`() {
    let comparison = Self.compare(Self.lines(["a", "b", "b"]), Self.lines(["a", "c", "b"]))
    #expect(
      comparison.report.lines == [
        "s.lua:c: 1 fire more; first difference 1970-01-01T00:00:01+00:00",
        "s.lua:b: 1 fire less; first difference 1970-01-01T00:00:01+00:00", "",
        "- 1970-01-01T00:00:01+00:00  s.lua:b  run.started",
        "+ 1970-01-01T00:00:01+00:00  s.lua:c  run.started",
      ])
  }
}
