/// A table for people: the first column is aligned to the left, the others to the right.
struct SummaryTable {
  private var rows: [[String]]
  private let widest: Int

  /// - Parameter widest: how many characters of a cell in the first column are shown.
  init(_ header: [String], widest: Int) {
    rows = [header]
    self.widest = widest
  }

  mutating func append(_ row: [String]) { rows.append(row) }

  func lines(ellipsis: String) -> [String] {
    let cut = rows.map { [ShortText.cut($0[0], to: widest, ellipsis)] + $0.dropFirst() }
    let widths = cut[0].indices.map { column in cut.map { $0[column].count }.max() ?? 0 }
    return cut.map { row in
      row.enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - cell.count)
        return column == 0 ? cell + space : space + cell
      }.joined(separator: "  ")
    }
  }
}
