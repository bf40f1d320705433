/// One field of a cron expression: its name and the values that it takes.
struct CronField {
  enum Kind: String {
    case second, minute, hour, day, month, weekday, year
  }
  let kind: Kind
  let range: ClosedRange<Int>
  var names: [String] = []
  /// The values that a bare `H` or `~` chooses from.
  var choices: ClosedRange<Int>
  /// Makes `H` and `~` choose different values for the fields of one expression.
  let index: UInt64

  static let second = CronField(kind: .second, range: 0...59, choices: 0...59, index: 0)
  static let minute = CronField(kind: .minute, range: 0...59, choices: 0...59, index: 1)
  static let hour = CronField(kind: .hour, range: 0...23, choices: 0...23, index: 2)
  /// `H` and `~` choose no day after the 28th, since not every month has one.
  static let day = CronField(kind: .day, range: 1...31, choices: 1...28, index: 3)
  static let month = CronField(
    kind: .month, range: 1...12, names: Names.months, choices: 1...12, index: 4)
  /// 7 is Sunday again.
  static let weekday = CronField(
    kind: .weekday, range: 0...7, names: Names.weekdays, choices: 0...6, index: 5)
  static let year = CronField(
    kind: .year, range: YearSet.first...YearSet.last, choices: YearSet.first...YearSet.last,
    index: 6)

  var name: String { kind.rawValue }

  /// The values that `*` stands for.
  var all: ClosedRange<Int> { kind == .weekday ? 0...6 : range }

  /// The value of a name: three letters or the whole word, in any case.
  func value(of word: String) -> Int? {
    let word = word.lowercased()
    guard word.count >= 3, let place = names.firstIndex(where: { $0.hasPrefix(word) }),
      word.count == 3 || word == names[place]
    else { return nil }
    return range.lowerBound + place
  }
}
