import Triggers

/// The number of runs that start on each weekday in each hour, on the clocks of a zone.
package struct DensityMap {
  private let zone: Zone
  /// 24 for each day from Monday.
  private var counts = [Int](repeating: 0, count: 7 * 24)

  init(zone: Zone) { self.zone = zone }

  mutating func add(_ time: Timestamp) {
    let local = zone.localTime(of: time)
    counts[(local.date.weekday + 6) % 7 * 24 + local.hour] += 1
  }

  /// Day 0 is Monday.
  package subscript(day: Int, hour: Int) -> Int { counts[day * 24 + hour] }

  /// The hour with most starts; nil if there are none.
  package var peak: (day: Int, hour: Int, count: Int)? {
    guard let count = counts.max(), count > 0, let index = counts.firstIndex(of: count) else {
      return nil
    }
    return (index / 24, index % 24, count)
  }

  static let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
  private static let blocks = ["·", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
  private static let digits = [".", "1", "2", "3", "4", "5", "6", "7", "8", "9"]

  /// Eight lines of 76 columns: the hours, and the days. The height of a block, or the digit, is the share of the peak.
  ///
  /// - Parameter isASCII: whether to use digits instead of blocks.
  func lines(isASCII: Bool) -> [String] {
    let most = counts.max() ?? 0
    let signs = isASCII ? Self.digits : Self.blocks
    let hours = (0..<24).map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: " ")
    return ["     " + hours]
      + Self.days.enumerated().map { day, name in
        let cells = (0..<24).map { hour in
          let sign = signs[Self.level(self[day, hour], of: most, in: signs.count - 1)]
          return sign + sign
        }
        return name + "  " + cells.joined(separator: " ")
      }
  }

  /// The level of a count: 0 for none, otherwise at least 1.
  private static func level(_ count: Int, of most: Int, in levels: Int) -> Int {
    guard count > 0 else { return 0 }
    return max(1, (count * levels + most - 1) / most)
  }
}
