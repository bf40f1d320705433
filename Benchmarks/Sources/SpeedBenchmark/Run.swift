import BenchmarkSupport
import Glibc

/// A row's rounds: limit, ours, and the peers, in turn.
struct Run {
  let row: Row
  private var limit: [Figures] = []
  private var ours: [Figures] = []

  init(_ row: Row, rounds: Int) {
    self.row = row
    for _ in 0..<rounds {
      if let arguments = row.limit {
        limit.append(Self.round([Self.folder + "/FireLimit"] + arguments))
      }
      ours.append(Self.round([Self.folder + "/SpeedBenchmark", "--ours"] + row.ours))
    }
  }

  private static func round(_ command: [String]) -> Figures {
    guard let figures = figures(of: command) else {
      print("failed: \(command.joined(separator: " "))")
      exit(1)
    }
    return figures
  }

  /// Where the benchmarks are.
  static let folder: String = {
    var path = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = unsafe readlink("/proc/self/exe", &path, path.count)
    precondition(count > 0, "/proc/self/exe cannot be read: error \(errno)")
    let text = String(decoding: path.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
    return text.split(separator: "/").dropLast().map { "/" + $0 }.joined()
  }()

  func show() {
    for (place, column) in row.columns.enumerated() {
      if place == 0 { print(row.work) }
      show(column)
    }
    let share = median(ours.map { ($0["fires"] ?? 1) / ($0["due"] ?? 1) })
    if share < 0.999 { print("    only \(rounded(share * 100, 1)) % of the fires that were due") }
  }

  private func show(_ column: Column) {
    let values = ours.compactMap { $0[column.figure] }
    let limits = limit.compactMap { $0[column.figure] }
    guard !values.isEmpty else { return }
    let mine = median(values)
    let least = limits.isEmpty ? nil : median(limits)
    let ratio =
      limits.count == values.count
      ? rounded(median(zip(values, limits).map { $0 / $1 })) : ""
    // What is measured in short tells nothing.
    let promises = (isSmoke ? [] : column.promise).map { promise in
      "\(promise.text): \(promise.isMet(limit: least, ours: mine) ? "met" : "MISSED")"
    }
    print(
      pad("  " + column.unit, 30), pad(least.map(shown) ?? "", 12), pad(shown(mine), 12),
      pad(ratio, 8), promises.joined(separator: "; "))
  }
}
