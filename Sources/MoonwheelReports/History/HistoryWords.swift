import JobHistory
import MoonwheelModel

/// Pieces of the history in words.
enum HistoryWords {
  /// `timed out, attempt 2`
  static func status(_ record: RunRecord) -> String {
    let words = record.status == .timedOut ? "timed out" : record.status.rawValue
    return words + (record.attempt > 1 ? ", attempt \(record.attempt)" : "")
      + (record.ending.map { "; not ended yet: \($0.escapingControls)" } ?? "")
  }

  /// `promised by b.lua, run D20ABCDEFGHJK`; nil for a fire.
  static func cause(_ cause: RunCause) -> String? {
    let by = cause.by.map { " by \($0.escapingControls)" } ?? ""
    let of = cause.of.map { ", run \($0)" } ?? ""
    return switch cause.kind {
    case .fire: nil
    case .event: "an event sent" + by
    case .promise: "promised" + by + of
    case .retry: "another attempt"
    case .catchup: "a missed fire"
    }
  }

  /// The first line of the error; empty if there is none.
  static func problem(_ record: RunRecord) -> String {
    record.failure?.message.firstLine ?? ""
  }

  static func summary(_ summary: RunSummary) -> String {
    let mean = summary.totalDuration / max(1, summary.count)
    return "took \(ShortText.length(mean)), at most \(ShortText.length(summary.longestDuration)); "
      + "at most \(ShortText.length(summary.longestLateness)) late"
  }
}
