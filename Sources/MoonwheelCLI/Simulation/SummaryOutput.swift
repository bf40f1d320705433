import Moonwheel
import MoonwheelReports
import MoonwheelSimulation

/// Without a flag: prints a summary at the end.
struct SummaryOutput: TraceOutput {
  private let start: Timestamp
  private var summary: TraceSummary
  private var needed = NeededPermissions()

  init(_ span: SimulatedSpan.Reading) {
    start = span.start
    summary = TraceSummary(zone: span.zone)
  }

  mutating func take(_ entry: TraceEntry) {
    summary.take(entry)
    needed.take(entry)
  }

  func finish(at end: Timestamp) {
    let text = SummaryText(summary: summary, start: start, end: end, isASCII: Terminal.isASCII)
    printLines(text.lines)
    if !needed.lines.isEmpty { printLines([""] + needed.lines) }
  }
}
