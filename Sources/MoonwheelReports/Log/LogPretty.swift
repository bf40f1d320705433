import JobHistory
import Logging
import Triggers

/// Writes log records for people:
///
///     12:00:00.123 ERROR report.lua/nightly  report.lua:12: no such table  attempt=2 run=01JX
///         stack traceback:
///             report.lua:12: in function <report.lua:10>
///
/// Records from `warning` on name the run, so that it can be looked up. An event's payload is left out, since the
/// message says the same.
package enum LogPretty {
  /// The record's lines, without the end of the last.
  ///
  /// - Parameter offset: how many seconds local time is ahead of UTC.
  package static func text(_ record: LogRecord, offset: Int64, hasColors: Bool) -> String {
    // Split scalars: the character "\r\n" is not equal to "\n".
    let lines = record.message.unicodeScalars.split(
      separator: "\n", omittingEmptySubsequences: false
    ).map { String($0.last == "\r" ? $0.dropLast() : $0).escapingControls }
    func styled(_ text: String, _ style: Int) -> String {
      hasColors ? ShortText.styled(text, style) : text
    }
    let (name, color) = level(record.level)
    var text = styled(timeOfDay(record.time, offset: offset), 2)
    text += " " + styled(name, color) + " "
    if let place = place(record) { text += styled(place, 1) + "  " }
    text += lines[0]
    let fields = fields(record)
    if !fields.isEmpty { text += "  " + styled(fields.joined(separator: " "), 2) }
    var rest = lines.dropFirst()
    while let last = rest.last, last.isEmpty { rest.removeLast() }
    for line in rest { text += "\n    " + line }
    return text
  }

  /// `12:00:00.123`, where local time is `offset` seconds ahead of UTC.
  package static func timeOfDay(_ time: Timestamp, offset: Int64) -> String {
    let local = time.advanced(by: offset * 1_000_000_000).isoMicroseconds
    return String(local.dropFirst("2026-03-28T".utf8.count).prefix("12:00:00.123".utf8.count))
  }

  private static func place(_ record: LogRecord) -> String? {
    let parts = ["script", "job"].compactMap { record.metadata[$0] }
      .map { "\($0)".escapingControls }
    return parts.isEmpty ? nil : parts.joined(separator: "/")
  }

  private static func fields(_ record: LogRecord) -> [String] {
    var pairs = record.fields.sorted { $0.key < $1.key }
    if let run = record.metadata["run"], record.level >= .warning { pairs.append(("run", run)) }
    return pairs.map { "\($0.key.escapingControls)=\(value($0.value))" }
  }

  private static func value(_ value: Logger.MetadataValue) -> String {
    switch value {
    case .array, .dictionary: return LogJSON.text(value)
    case .string, .stringConvertible:
      let text = "\(value)"
      let isWord =
        !text.isEmpty
        && text.unicodeScalars.allSatisfy {
          $0 > " " && $0 != "\"" && $0 != "=" && $0 != "\\" && !$0.isControl
        }
      return isWord ? text : LogJSON.text(.string(text))
    }
  }

  private static func level(_ level: Logger.Level) -> (name: String, color: Int) {
    switch level {
    case .trace: ("TRACE", 90)
    case .debug: ("DEBUG", 36)
    case .info: ("INFO ", 32)
    case .notice: ("NOTE ", 34)
    case .warning: ("WARN ", 33)
    case .error: ("ERROR", 31)
    case .critical: ("FATAL", 35)
    }
  }
}
