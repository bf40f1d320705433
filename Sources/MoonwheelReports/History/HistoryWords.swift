import JobHistory
import MoonwheelModel

/// Pieces of the history in words.
enum HistoryWords {
  /// `timed out, attempt 2`
  static func status(_ record: RunRecord) -> String {
    let words = record.status == .timedOut ? "timed out" : record.status.rawValue
    return words + (record.attempt > 1 ? ", attempt \(record.attempt)" : "")
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
