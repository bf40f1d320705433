import Triggers

/// Formats numbers and texts briefly, for reports.
package enum ShortText {
  /// Nanoseconds in two or three digits: `40us`, `3.1ms`, `312ms`, `1.2s`, `2m3s`.
  package static func length(_ nanoseconds: Int64) -> String {
    let second: Int64 = 1_000_000_000
    switch nanoseconds {
    case ..<1_000_000: return "\(max(0, nanoseconds) / 1_000)us"
    case ..<second: return rounded(Double(nanoseconds) / 1e6) + "ms"
    case ..<(60 * second): return rounded(Double(nanoseconds) / 1e9) + "s"
    default: return DurationText.format(nanoseconds / second * second)
    }
  }

  /// One decimal below ten, none above.
  private static func rounded(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return tenths < 100 && tenths % 10 != 0
      ? "\(tenths / 10).\(tenths % 10)" : "\((tenths + 5) / 10)"
  }

  /// `512 KiB`, `3.5 MiB`
  package static func bytes(_ count: Int64) -> String {
    let mebi = Double(count) / 1_048_576
    return mebi < 1 ? "\(count / 1_024) KiB" : "\(Int(mebi)).\(Int(mebi * 10) % 10) MiB"
  }

  /// `1 job`, `2 jobs`
  package static func counted(_ count: Int, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
  }

  /// The text in a color or another style of the terminal, by its number in the escape sequence.
  package static func styled(_ text: String, _ style: Int) -> String {
    "\u{1b}[\(style)m\(text)\u{1b}[0m"
  }

  /// The text with spaces behind it, up to `width` characters.
  package static func padded(_ text: String, to width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  /// The text, cut to `width` characters with the ellipsis if it is longer.
  package static func cut(_ text: String, to width: Int, _ ellipsis: String) -> String {
    text.count <= width ? text : text.prefix(max(0, width - ellipsis.count)) + ellipsis
  }
}
