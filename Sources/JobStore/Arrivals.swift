import MoonwheelModel

/// Rows of the history in the order in which they came, so that the oldest of all jobs can go first. A row that has gone
/// otherwise stays listed until it is met or ``keep(where:)`` leaves it out.
struct Arrivals {
  enum Row {
    case run(StoredRows.Attempt)
    case summary(StoredRows.Sum)
    case decision(Decision.ID)
  }

  private var rows: [Row] = []
  private var head = 0

  var count: Int { rows.count - head }

  mutating func append(_ row: Row) { rows.append(row) }

  mutating func removeFirst() -> Row? {
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

  mutating func keep(where isThere: (Row) -> Bool) {
    rows = rows[head...].filter(isThere)
    head = 0
  }
}
