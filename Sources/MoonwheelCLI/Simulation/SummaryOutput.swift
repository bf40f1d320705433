import Moonwheel
import MoonwheelReports
import MoonwheelSimulation
import Synchronization

/// Without a flag: prints a summary at the end.
final class SummaryOutput: TraceOutput {
  private let start: Timestamp
  private let summary: Mutex<TraceSummary>

  init(_ span: SimulatedSpan.Reading) {
    start = span.start
    summary = Mutex(TraceSummary(zone: span.zone))
  }

  func take(_ entry: TraceEntry) { summary.withLock { $0.take(entry) } }

  func finish(at end: Timestamp) {
    let text = SummaryText(
      summary: summary.withLock { $0 }, start: start, end: end, isASCII: Terminal.isASCII)
    for line in text.lines { printLine(line) }
  }
}
