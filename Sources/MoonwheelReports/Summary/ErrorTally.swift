import JobHistory
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

  /// Further different errors are only counted.
  private static let maxEntries = 1_000
  private var indices: [Key: Int] = [:]
  private var entries: [Entry] = []
  /// How many errors came that have no entry.
  package private(set) var others = 0

  mutating func add(_ message: String, of source: String?, at time: Timestamp) {
    let message = message.firstLine.maskingRunIDs
    let key = Key(source: source ?? "", message: message)
    if let index = indices[key] {
      entries[index].count += 1
    } else if entries.count < Self.maxEntries {
      indices[key] = entries.count
      entries.append(Entry(source: key.source, message: message, count: 1, first: time))
    } else {
      others += 1
    }
  }

  /// The entries, most frequent first. Of two with the same count, the earlier comes first.
  package var byCount: [Entry] { entries.sorted { $0.count > $1.count } }
}
