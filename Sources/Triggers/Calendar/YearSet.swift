/// A set of years from 1970 to 2262, or all years.
struct YearSet: Equatable, Sendable {
  static let first = 1970
  static let last = 2262
  static let all = YearSet(isAll: true, words: [])
  /// No year at all.
  static let none = YearSet(words: Array(repeating: 0, count: 5))

  private(set) var isAll = false
  private var words: [UInt64]

  mutating func insert(_ year: Int) {
    let bit = year - Self.first
    words[bit / 64] |= 1 << UInt64(bit % 64)
  }

  /// The set of all years if it contains all; otherwise this set.
  var simplified: YearSet {
    let count = words.reduce(0) { $0 + $1.nonzeroBitCount }
    return count == Self.last - Self.first + 1 ? .all : self
  }

  @inline(__always)
  func contains(_ year: Int) -> Bool {
    if isAll { return true }
    guard year >= Self.first && year <= Self.last else { return false }
    let bit = year - Self.first
    return words[bit / 64] >> UInt64(bit % 64) & 1 == 1
  }

  /// The years in order; empty if the set is all years.
  var years: [Int] { isAll ? [] : (Self.first...Self.last).filter(contains) }
}
