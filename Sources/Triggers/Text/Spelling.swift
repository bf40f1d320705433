/// Finds the word that the user probably meant.
public enum Spelling {
  /// The candidate nearest to `word`, if it is near enough to be worth naming.
  ///
  /// The distance is the number of letters to insert, drop, change or swap; up to a third of the word may differ. Case
  /// does not count. Of equally near words, those with the same first letter come first.
  public static func nearest(to word: String, in candidates: some Sequence<String>) -> String? {
    near(word, in: candidates, limit: 1).first
  }

  /// Up to `limit` candidates, nearest first, without those that differ by two letters more than the nearest.
  public static func near(
    _ word: String, in candidates: some Sequence<String>, limit: Int
  ) -> [String] {
    let letters = Array(word.lowercased().utf8.prefix(64))
    let allowed = max(1, letters.count / 3)
    let found = candidates.enumerated()
      .filter { abs($0.element.utf8.count - letters.count) <= allowed }
      .map { place, candidate in
        let other = Array(candidate.lowercased().utf8.prefix(64))
        let start = letters.first == other.first ? 0 : 1
        return (distance: distance(letters, other), start: start, place: place, word: candidate)
      }
      .filter { $0.distance <= allowed && $0.distance < letters.count }
      .sorted { ($0.distance, $0.start, $0.place) < ($1.distance, $1.start, $1.place) }
    guard let nearest = found.first?.distance else { return [] }
    return found.prefix(limit).filter { $0.distance < nearest + 2 }.map(\.word)
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
