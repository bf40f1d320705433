extension EveryParser {
  /// `monday`, `tue and thu`, `mon-thu`, `monday to friday`, `weekday`, `weekend`; bit 0 is Sunday.
  mutating func weekdays() throws(TriggerError) -> UInt64? {
    guard var mask = try weekdayItem() else { return nil }
    while true {
      let before = cursor.position
      guard cursor.eatSeparator() else { return mask }
      guard let more = try weekdayItem() else {
        guard startsTime else { throw expected("a weekday") }
        cursor.position = before
        return mask
      }
      mask |= more
    }
  }

  private mutating func weekdayItem() throws(TriggerError) -> UInt64? {
    let start = cursor.position
    guard let word = cursor.word() else { return nil }
    switch word {
    case "weekday", "weekdays": return 0b0111110
    case "weekend", "weekends": return 0b1000001
    default: break
    }
    guard let first = Self.weekday(word) else {
      cursor.position = start
      return nil
    }
    let afterFirst = cursor.position
    guard cursor.eat("-") || cursor.eatWords("to") || cursor.eatWords("through") else {
      cursor.position = afterFirst
      return 1 << UInt64(first)
    }
    cursor.skipSpaces()
    guard let last = cursor.word().flatMap(Self.weekday) else { throw expected("a weekday") }
    return bitMask((0...(last - first + 7) % 7).map { (first + $0) % 7 })
  }

  static func weekday(_ word: String) -> Int? {
    if let day = CronField.weekday.value(of: word) { return day }
    if word.hasSuffix("s") { return CronField.weekday.value(of: String(word.dropLast())) }
    return ["tues": 2, "weds": 3, "thur": 4, "thurs": 4][word]
  }

  /// `january`, `jan, apr and jul`; bits 1 to 12.
  mutating func months() -> UInt64? {
    var months: [Int] = []
    var end = cursor.position
    repeat {
      cursor.skipSpaces()
      guard let month = cursor.word().flatMap(CronField.month.value) else { break }
      months.append(month)
      end = cursor.position
    } while cursor.eatSeparator()
    cursor.position = end
    return months.isEmpty ? nil : bitMask(months)
  }

  /// `the 1st`, `day 2 and 5`, `the last day`, `the 2nd tuesday`, `the last friday`,
  /// `the last weekday`. After a month's name, `bare` numbers are days too.
  mutating func daysOfMonth(bare: Bool = false) throws(TriggerError) -> DayRule? {
    cursor.skipSpaces()
    _ = cursor.eatWords("the")
    let isNamed = cursor.eatWords("day") || cursor.eatWords("days")
    let bare = bare || isNamed
    let start = cursor.position
    let hasDay = startsTime ? false : try ordinal(bare: bare) != nil
    cursor.position = start
    guard isNamed || hasDay else { return nil }
    var rule = DayRule(days: 0, weekdays: 0, needsBoth: false)
    repeat {
      if !isNamed { _ = cursor.eatWords("the") }
      try dayItem(into: &rule, bare: bare)
    } while cursor.eatSeparator()
    return rule
  }

  /// With `bare`, days need no ending: `days 1,15`.
  private mutating func dayItem(into rule: inout DayRule, bare: Bool) throws(TriggerError) {
    cursor.skipSpaces()
    let start = cursor.position
    guard let n = try ordinal(bare: bare) else { throw expected("a day such as 1st or last") }
    cursor.skipSpaces()
    if cursor.eatWords("day") { return insert(n, into: &rule) }
    if cursor.eatWords("weekday") {
      switch n {
      case Self.last: rule.nearestFromLast |= 1
      case 1: rule.nearest |= 1 << 1
      default:
        throw cursor.error(
          .syntax, "only the first and the last weekday of a month are known", at: start)
      }
      return
    }
    let beforeWord = cursor.position
    if let weekday = cursor.word().flatMap(Self.weekday) {
      guard (1...5).contains(n) || n == Self.last else {
        throw cursor.error(
          .outOfRange, "a month has no \(n)th \(Names.weekday(weekday))", at: start)
      }
      rule.nthWeekdays |= 1 << UInt64(7 * ((n == Self.last ? 6 : n) - 1) + weekday)
      return
    }
    cursor.position = beforeWord
    insert(n, into: &rule)
  }

  private func insert(_ n: Int, into rule: inout DayRule) {
    if n == Self.last { rule.fromLast |= 1 } else { rule.days |= 1 << UInt64(n) }
  }

  private static let last = -1

  /// `1st`, `22nd`, `first`, `last`; -1 is the last.
  private mutating func ordinal(bare: Bool = false) throws(TriggerError) -> Int? {
    let start = cursor.position
    if let n = cursor.number() {
      let end = cursor.position
      if !["st", "nd", "rd", "th"].contains(cursor.word()) {
        cursor.position = end
        guard bare else {
          throw cursor.error(.syntax, "write \(ordinalText(n)) for day \(n) of a month", at: start)
        }
      }
      guard (1...31).contains(n) else {
        throw cursor.error(.outOfRange, "day \(n) is out of range 1-31", at: start)
      }
      return n
    }
    let words = [
      "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "last": Self.last,
    ]
    if let word = cursor.word(), let n = words[word] { return n }
    cursor.position = start
    return nil
  }
}
