import Triggers

/// History as a table for people: a row for each run or summary, none for a decision.
package struct HistoryTable {
  private let zone: Zone
  private var rows = [["run", "scheduled", "job", "status", "late", "took", ""]]

  package init(_ entries: [HistoryEntry], zone: Zone) {
    self.zone = zone
    rows += entries.map(cells)
  }

  private func cells(_ entry: HistoryEntry) -> [String] {
    switch entry {
    case .run(let record):
      [
        record.run.description, record.scheduledAt.iso(in: zone),
        "\(record.script):\(record.name)".escapingControls, HistoryWords.status(record),
        ShortText.length(record.lateness), record.duration.map(ShortText.length) ?? "",
        HistoryWords.problem(record),
      ]
    case .summary(let summary):
      [
        "", summary.through.iso(in: zone), "\(summary.script):\(summary.name)".escapingControls,
        "\(summary.count) more that succeeded between \(summary.from.iso(in: zone)) and "
          + "\(summary.through.iso(in: zone)): \(HistoryWords.summary(summary))",
      ]
    case .decision: []
    }
  }

  /// The last cell of a row with fewer cells extends over the missing ones.
  package var lines: [String] {
    let full = rows.filter { $0.count == rows[0].count }
    let widths = rows[0].indices.map { column in full.map { $0[column].count }.max() ?? 0 }
    let first = rows.map { $0[0..<3] }
    let firstWidths = (0..<3).map { column in first.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let padded = row.enumerated().map { column, cell in
        let width = column < 3 ? firstWidths[column] : widths[column]
        guard column < row.count - 1 else { return cell }
        return cell + String(repeating: " ", count: max(0, width - cell.count))
      }
      let line = padded.joined(separator: "  ")
      return String(line.reversed().drop { $0 == " " }.reversed())
    }
  }
}
