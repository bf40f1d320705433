import Moonwheel

/// Rows of cells under each other: the first column to the left, numbers to the right.
struct SummaryTable {
  private var rows: [[String]]
  private let widest: Int

  /// `widest` is how many columns of the terminal the first column may take.
  init(_ header: [String], widest: Int) {
    rows = [header]
    self.widest = widest
  }

  mutating func append(_ row: [String]) { rows.append(row) }

  func lines(ellipsis: String) -> [String] {
    let cut = rows.map { [Self.cut($0[0], to: widest, ellipsis)] + $0.dropFirst() }
    let widths = cut[0].indices.map { column in cut.map { $0[column].count }.max() ?? 0 }
    return cut.map { row in
      row.enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - cell.count)
        return column == 0 ? cell + space : space + cell
      }.joined(separator: "  ")
    }
  }

  /// The beginning of a text that is too long.
  static func cut(_ text: String, to width: Int, _ ellipsis: String) -> String {
    text.count <= width ? text : text.prefix(max(0, width - ellipsis.count)) + ellipsis
  }
}
