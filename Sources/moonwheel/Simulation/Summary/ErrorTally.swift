import Moonwheel

/// Errors, each once with how often it came.
struct ErrorTally {
  struct Entry: Equatable {
    /// `script:job`, or the script alone.
    var source: String
    /// Its first line.
    var message: String
    var count: Int
    var first: Timestamp
  }

  private struct Key: Hashable {
    let source: String
    let message: String
  }

  /// More different ones than so many are counted, and not told.
  private static let most = 1_000
  private var places: [Key: Int] = [:]
  private var entries: [Entry] = []
  private(set) var others = 0

  var isEmpty: Bool { entries.isEmpty }

  mutating func note(_ message: String, of source: String?, at time: Timestamp) {
    let message = TraceText.withoutRuns(HistoryWords.firstLine(message))
    let key = Key(source: source ?? "", message: message)
    if let place = places[key] {
      entries[place].count += 1
    } else if entries.count < Self.most {
      places[key] = entries.count
      entries.append(Entry(source: key.source, message: message, count: 1, first: time))
    } else {
      others += 1
    }
  }

  /// The most frequent first; of those that came as often, the earlier.
  var byCount: [Entry] {
    entries.enumerated().sorted { a, b in
      a.element.count == b.element.count
        ? a.offset < b.offset : a.element.count > b.element.count
    }.map(\.element)
  }
}
