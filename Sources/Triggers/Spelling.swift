/// Finds the word that was probably meant.
public enum Spelling {
  /// The candidate nearest to `word`, if it is near enough to be worth naming.
  ///
  /// Nearness is the number of letters to insert, drop, change or swap; a third of the word may
  /// differ. Case does not count.
  public static func nearest(to word: String, in candidates: some Sequence<String>) -> String? {
    near(word, in: candidates, limit: 1).first
  }

  /// Up to `limit` candidates, nearest first.
  public static func near(
    _ word: String, in candidates: some Sequence<String>, limit: Int
  ) -> [String] {
    let letters = Array(word.lowercased().utf8.prefix(64))
    let allowed = max(1, letters.count / 3)
    return candidates.enumerated()
      .map {
        (distance(letters, Array($0.element.lowercased().utf8.prefix(64))), $0.offset, $0.element)
      }
      .filter { $0.0 <= allowed && $0.0 < letters.count }
      .sorted { ($0.0, $0.1) < ($1.0, $1.1) }
      .prefix(limit).map(\.2)
  }

  /// Optimal string alignment distance.
  static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...b.count)
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        var cost = min(last[j] + (a[i] == b[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
        if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] {
          cost = min(cost, beforeLast[j - 1] + 1)
        }
        row.append(cost)
      }
      beforeLast = last
      last = row
    }
    return last[b.count]
  }
}
