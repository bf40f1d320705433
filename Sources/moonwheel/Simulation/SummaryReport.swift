import Glibc
import Moonwheel
import Synchronization

/// What a simulation came to, as a person reads it.
final class SummaryReport: TraceOutput {
  private let span: SimulatedSpan.Reading
  private let summary: Mutex<TraceSummary>

  init(_ span: SimulatedSpan.Reading) {
    self.span = span
    summary = Mutex(TraceSummary(zone: span.zone))
  }

  func take(_ entry: TraceEntry) { summary.withLock { $0.take(entry) } }

  func finish(at end: Timestamp) {
    let text = SummaryText(
      summary: summary.withLock { $0 }, start: span.start, end: end, isPlain: Self.isPlain)
    for line in text.lines { say(line) }
  }

  /// Nil where it is empty.
  private static func variable(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    let text = unsafe String(cString: value)
    return text.isEmpty ? nil : text
  }

  /// Whether the terminal is to get ASCII alone: it was asked to, or does not say that it knows UTF-8.
  private static var isPlain: Bool {
    if variable("NO_COLOR") != nil { return true }
    let names = ["LC_ALL", "LC_CTYPE", "LANG"]
    let locale = names.lazy.compactMap { variable($0) }.first?.lowercased() ?? ""
    return !(locale.contains("utf-8") || locale.contains("utf8"))
  }
}
