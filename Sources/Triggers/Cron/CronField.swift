/// One field of a cron expression, in the order of an expression with all seven.
///
/// The raw value makes `H` and `~` choose different values for the fields of one expression.
enum CronField: UInt64, CaseIterable {
  case second, minute, hour, day, month, weekday, year

  /// The values that it takes.
  var range: ClosedRange<Int> {
    switch self {
    case .second, .minute: 0...59
    case .hour: 0...23
    case .day: 1...31
    case .month: 1...12
    // 7 is Sunday again.
    case .weekday: 0...7
    case .year: YearSet.first...YearSet.last
    }
  }

  /// The values that `*` stands for.
  var all: ClosedRange<Int> { self == .weekday ? 0...6 : range }

  /// The values that a bare `H` or `~` chooses from: no day after the 28th, since not every month has one.
  var choices: ClosedRange<Int> { self == .day ? 1...28 : all }

  var names: [String] {
    switch self {
    case .month: Names.months
    case .weekday: Names.weekdays
    case .second, .minute, .hour, .day, .year: []
    }
  }

  /// The value of a name: three letters or the whole word, in any case.
  func value(of word: String) -> Int? {
    let word = word.lowercased()
    guard word.count >= 3, let place = names.firstIndex(where: { $0.hasPrefix(word) }),
      word.count == 3 || word == names[place]
    else { return nil }
    return range.lowerBound + place
  }
}
