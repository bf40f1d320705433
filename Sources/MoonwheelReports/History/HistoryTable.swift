import JobHistory
import JobStore
import MoonwheelModel
import Triggers

/// History as a table for people: a row for each run or summary, none for a decision.
package struct HistoryTable {
  private var rows = [["run", "scheduled", "job", "status", "late", "took", ""]]

  /// Prints each row in the zone of its job.
  package init(
    _ entries: [HistoryEntry], zones: HistoryZones, in store: some JobStore
  ) throws(StoreError) {
    let known = try zones.zones(of: entries, in: store)
    rows += entries.map { Self.cells($0, known[$0.job.key] ?? zones.general) }
  }

  private static func cells(_ entry: HistoryEntry, _ zone: Zone) -> [String] {
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
    let widths = rows[0].indices.map { column in
      rows.map { column < $0.count - 1 ? $0[column].count : 0 }.max() ?? 0
    }
    return rows.map { row in
      let padded = zip(row, widths).map(ShortText.padded)
      let line = padded.joined(separator: "  ")
      return String(line.reversed().drop { $0 == " " }.reversed())
    }
  }
}
