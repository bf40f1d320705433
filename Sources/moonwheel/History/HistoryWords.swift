import MoonwheelModel
import Moonwheel

/// How the history is told to people.
enum HistoryWords {
  /// Two or three digits: `40us`, `3.1ms`, `312ms`, `1.2s`, `2m3s`.
  static func length(_ nanoseconds: Int64) -> String {
    let second: Int64 = 1_000_000_000
    switch nanoseconds {
    case ..<1_000_000: return "\(max(0, nanoseconds) / 1_000)us"
    case ..<second: return rounded(Double(nanoseconds) / 1e6) + "ms"
    case ..<(60 * second): return rounded(Double(nanoseconds) / 1e9) + "s"
    default: return DurationText.format(nanoseconds / second * second)
    }
  }

  private static func rounded(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return tenths < 100 && tenths % 10 != 0
      ? "\(tenths / 10).\(tenths % 10)" : "\((tenths + 5) / 10)"
  }

  static func bytes(_ count: Int64) -> String {
    let mebi = Double(count) / 1_048_576
    return mebi < 1 ? "\(count / 1_024) KiB" : "\(Int(mebi)).\(Int(mebi * 10) % 10) MiB"
  }

  static func status(_ record: RunRecord) -> String {
    record.status.words + (record.attempt > 1 ? ", attempt \(record.attempt)" : "")
  }

  /// What went wrong, in a line.
  static func problem(_ record: RunRecord) -> String {
    firstLine(record.failure?.message ?? "")
  }

  static func firstLine(_ text: String) -> String {
    let line = text.unicodeScalars.split(separator: "\n", maxSplits: 1).first.map(String.init)
    return LogPretty.visible(line ?? "")
  }

  static func sum(_ sum: RunSummary) -> String {
    let mean = sum.totalDuration / max(1, sum.count)
    return "took \(length(mean)), at most \(length(sum.longestDuration)); at most "
      + "\(length(sum.longestLateness)) late"
  }
}

extension RunStatus {
  var words: String { self == .timedOut ? "timed out" : rawValue }
}
