import Logging

/// Spells log records for people:
///
///     12:00:00.123 ERROR report.lua/nightly  report.lua:12: no such table  attempt=2 run=01JX
///         stack traceback:
///             report.lua:12: in function <report.lua:10>
///
/// The run is named where somebody will want to look it up: from `warning` on. An event's payload
/// is left out, since its message says the same.
enum LogPretty {
  /// The record's lines, without the end of the last.
  ///
  /// - Parameter offset: how many seconds local time is ahead of UTC.
  static func text(_ record: LogRecord, offset: Int64, colours: Bool) -> String {
    // By scalars: as a character, a line's end of Windows is no "\n".
    let lines = record.message.unicodeScalars.split(
      separator: "\n", omittingEmptySubsequences: false
    ).map { visible(String($0.last == "\r" ? $0.dropLast() : $0)) }
    var text = dim(LogClock.timeOfDay(record.wall, offset: offset), colours)
    text += " " + level(record.level, colours) + " "
    if let place = place(record) { text += bold(place, colours) + "  " }
    text += lines[0]
    let fields = fields(record)
    if !fields.isEmpty { text += "  " + dim(fields.joined(separator: " "), colours) }
    var rest = lines.dropFirst()
    while let last = rest.last, last.isEmpty { rest.removeLast() }
    for line in rest { text += "\n    " + line }
    return text
  }

  private static func place(_ record: LogRecord) -> String? {
    let parts = [record.script, record.job].compactMap { $0.map { visible("\($0)") } }
    return parts.isEmpty ? nil : parts.joined(separator: "/")
  }

  private static func fields(_ record: LogRecord) -> [String] {
    var pairs = record.fields.sorted { $0.key < $1.key }
    if let run = record.run, record.level >= .warning { pairs.append(("run", run)) }
    return pairs.map { "\(visible($0.key))=\(value($0.value))" }
  }

  private static func value(_ value: Logger.MetadataValue) -> String {
    switch value {
    case .array, .dictionary: return LogJSON.text(value)
    case .string, .stringConvertible:
      let text = "\(value)"
      let isPlain =
        !text.isEmpty
        && text.unicodeScalars.allSatisfy {
          $0 > " " && $0 != "\"" && $0 != "=" && $0 != "\\" && !isControl($0)
        }
      return isPlain ? text : LogJSON.text(.string(text))
    }
  }

  /// What would command the terminal is shown instead: a script's text is not to be trusted.
  static func visible(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    var shown = ""
    for scalar in text.unicodeScalars {
      if isControl(scalar) {
        shown += "\\u{\(String(scalar.value, radix: 16))}"
      } else {
        shown.unicodeScalars.append(scalar)
      }
    }
    return shown
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09: false
    case 0..<0x20, 0x7f...0x9f, 0x2028, 0x2029, 0x202a...0x202e, 0x2066...0x2069: true
    default: false
    }
  }

  private static func level(_ level: Logger.Level, _ colours: Bool) -> String {
    let (name, colour) =
      switch level {
      case .trace: ("TRACE", 90)
      case .debug: ("DEBUG", 36)
      case .info: ("INFO ", 32)
      case .notice: ("NOTE ", 34)
      case .warning: ("WARN ", 33)
      case .error: ("ERROR", 31)
      case .critical: ("FATAL", 35)
      }
    return colours ? "\u{1b}[\(colour)m\(name)\u{1b}[0m" : name
  }

  private static func dim(_ text: String, _ colours: Bool) -> String {
    colours ? "\u{1b}[2m\(text)\u{1b}[0m" : text
  }

  private static func bold(_ text: String, _ colours: Bool) -> String {
    colours ? "\u{1b}[1m\(text)\u{1b}[0m" : text
  }
}
