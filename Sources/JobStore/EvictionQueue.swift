/// The rows of the history in the order in which they came, so that the oldest of all jobs can be evicted first.
///
/// A row that is removed in another way stays listed until the queue reaches it, or ``compact(keeping:)`` drops it.
struct EvictionQueue {
  private var rows: [HistoryKey] = []
  private var head = 0

  var count: Int { rows.count - head }

  mutating func append(_ row: HistoryKey) { rows.append(row) }

  /// Amortised O(1).
  mutating func removeFirst() -> HistoryKey? {
    guard head < rows.count else { return nil }
    defer {
      head += 1
      if head > rows.count / 2 {
        rows.removeFirst(head)
        head = 0
      }
    }
    return rows[head]
  }

  mutating func compact(keeping isStored: (HistoryKey) -> Bool) {
    rows = rows[head...].filter(isStored)
    head = 0
  }
}
