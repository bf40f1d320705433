import Moonwheel

/// The runs of a store as a table, newest first.
struct HistoryTable {
  let zone: Zone
  private var rows = [["run", "scheduled", "job", "status", "late", "took", ""]]

  init(_ entries: [HistoryEntry], zone: Zone) {
    self.zone = zone
    rows += entries.map(cells)
  }

  private func cells(_ entry: HistoryEntry) -> [String] {
    switch entry {
    case .run(let record):
      [
        record.run.description, record.scheduledAt.iso(in: zone),
        LogPretty.visible("\(record.script):\(record.name)"), HistoryWords.status(record),
        HistoryWords.length(record.lateness), record.duration.map(HistoryWords.length) ?? "",
        HistoryWords.problem(record),
      ]
    case .sum(let sum):
      [
        "", sum.through.iso(in: zone), LogPretty.visible("\(sum.script):\(sum.name)"),
        "\(sum.count) more that succeeded between \(sum.from.iso(in: zone)) and "
          + "\(sum.through.iso(in: zone)): \(HistoryWords.sum(sum))",
      ]
    case .decision: []
    }
  }

  /// A row of fewer cells has its last one over the rest.
  var lines: [String] {
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
