import Triggers

/// Counts errors by source and message.
package struct ErrorTally {
  package struct Entry: Equatable {
    /// `script:job`, or the script alone.
    package var source: String
    /// The first line, without ids of runs.
    package var message: String
    package var count: Int
    package var first: Timestamp
  }

  private struct Key: Hashable {
    let source: String
    let message: String
  }

  /// The errors beyond so many different ones are only counted.
  private static let mostEntries = 1_000
  private var places: [Key: Int] = [:]
  private var entries: [Entry] = []
  /// How often errors came that have no entry.
  package private(set) var others = 0

  mutating func add(_ message: String, of source: String?, at time: Timestamp) {
    let message = message.firstLine.maskingRunIDs
    let key = Key(source: source ?? "", message: message)
    if let place = places[key] {
      entries[place].count += 1
    } else if entries.count < Self.mostEntries {
      places[key] = entries.count
      entries.append(Entry(source: key.source, message: message, count: 1, first: time))
    } else {
      others += 1
    }
  }

  /// The most frequent first; of two with the same count, the earlier.
  package var byCount: [Entry] {
    entries.enumerated().sorted { a, b in
      a.element.count == b.element.count
        ? a.offset < b.offset : a.element.count > b.element.count
    }.map(\.element)
  }
}
