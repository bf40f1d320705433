/// The days of a rule in words: `on weekdays in January`, `on the 1st and 15th, or on Friday`.
struct DayWords {
  private let rule: CivilRule

  init(_ rule: CivilRule) {
    self.rule = rule
  }

  var phrase: String {
    let days = dayPhrase
    let isEither = days.contains(", or ") && !monthPhrase.isEmpty
    return [days + (isEither ? "," : ""), monthPhrase, yearPhrase, stepPhrase]
      .filter { !$0.isEmpty }.joined(separator: " ")
  }

  /// Whether the phrase names no days of a month.
  var namesNoDays: Bool { dayPhrase.isEmpty && stepPhrase.isEmpty }

  private var dayPhrase: String {
    let days = rule.days
    let byDay = daysOfMonth
    let byWeekday = weekdays
    if days.needsBoth {
      if byDay.isEmpty || byWeekday.isEmpty { return byDay + byWeekday }
      return byDay + ", but only " + byWeekday
    }
    // An empty side of "either" names no day.
    let hasDays = days.days | days.fromLast | days.nearest | days.nearestFromLast != 0
    let hasWeekdays = days.weekdays | days.nthWeekdays != 0
    if !hasDays { return byWeekday }
    if !hasWeekdays { return byDay }
    return byDay.isEmpty || byWeekday.isEmpty ? "" : byDay + ", or " + byWeekday
  }

  private var daysOfMonth: String {
    let days = rule.days
    if days.days == DayRule.everyDay { return "" }
    var words: [String] = []
    let dayNumbers = bits(days.days)
    if let step = Self.step(days.days) {
      words.append("every \(ordinal(step)) day")
    } else if let runs = runs(dayNumbers, size: 31, from: 1), runs.count < dayNumbers.count - 1 {
      words += runs.map { first, last in
        first == last ? ordinal(first) : ordinal(first) + " to " + ordinal(last)
      }
    } else {
      words += dayNumbers.map(ordinal)
    }
    words += bits(days.fromLast).map {
      $0 == 0 ? "last day" : $0 == 1 ? "day before the last" : "day \($0) days before the last"
    }
    words += bits(days.nearest).map { "weekday nearest to the \(ordinal($0))" }
    words += bits(days.nearestFromLast).map {
      $0 == 0 ? "last weekday" : "weekday nearest to \($0) days before the last"
    }
    if words.isEmpty { return "" }
    let isAlone =
      days.needsBoth && days.weekdays == DayRule.everyWeekday
      || days.weekdays | days.nthWeekdays == 0
    let ofMonth = rule.months == CivilRule.everyMonth || !isAlone ? " of the month" : ""
    return "on " + (Self.step(days.days) == nil ? "the " : "") + list(words) + ofMonth
  }

  /// `*/n`.
  private static func step(_ days: UInt64) -> Int? {
    (2...15).first { days == bitMask(stride(from: 1, through: 31, by: $0)) }
  }

  /// Whether the phrase names days of the month only, so that "of" and a month follow.
  private var joinsMonth: Bool {
    dayPhrase.hasPrefix("on ") && !daysOfMonth.isEmpty && dayPhrase == daysOfMonth
  }

  private func ordinal(_ day: Int) -> String { ordinalText(day) }

  private var weekdays: String {
    let days = rule.days
    if days.weekdays == DayRule.everyWeekday { return "" }
    var words: [String] = []
    // From Monday on, as people list them.
    let weekdayNumbers = bits(days.weekdays).sorted { ($0 + 6) % 7 < ($1 + 6) % 7 }
    switch days.weekdays {
    case 0: break
    case 0b0111110: words.append("weekdays")
    case 0b1000001: words.append("weekends")
    default:
      let places = weekdayNumbers.map { ($0 + 6) % 7 }
      if let runs = runs(places, size: 7), runs.count == 1, weekdayNumbers.count > 2 {
        words.append(weekday(runs[0].0) + " to " + weekday(runs[0].1))
      } else {
        words += weekdayNumbers.map(Names.weekday)
      }
    }
    for n in 0..<6 {
      for day in bits(days.nthWeekdays >> UInt64(7 * n) & 0x7F) {
        words.append("the " + (n == 5 ? "last" : ordinal(n + 1)) + " " + Names.weekday(day))
      }
    }
    return "on " + list(words) + (days.nthWeekdays == 0 ? "" : " of the month")
  }

  /// 0 is Monday.
  private func weekday(_ place: Int) -> String { Names.weekday((place + 1) % 7) }

  private var monthPhrase: String {
    if rule.months == CivilRule.everyMonth { return "" }
    let months = bits(rule.months)
    if let runs = runs(months, size: 12, from: 1), runs.count == 1, months.count > 2 {
      return "\(joinsMonth ? "of" : "in") \(Names.month(runs[0].0)) to \(Names.month(runs[0].1))"
    }
    return (joinsMonth ? "of " : "in ") + list(months.map(Names.month))
  }

  private var yearPhrase: String {
    let years = rule.years.years
    if years.isEmpty { return "" }
    if let runs = runs(years, size: 1000), runs.count == 1, years.count > 2 {
      return "in \(runs[0].0) to \(runs[0].1)"
    }
    return years.count <= 6 ? "in " + list(years.map(String.init)) : "in \(years.count) years"
  }

  private var stepPhrase: String {
    guard case .step(let step) = rule.special else { return "" }
    switch step.unit {
    case .minutes, .hours: return ""
    case .days:
      return step.count % 7 == 0 && step.count > 7
        ? "every \(step.count / 7) weeks"
        : step.count == 7 ? "every week" : "every \(step.count) days"
    case .weeks: return "every \(step.count) weeks"
    case .months: return "every \(step.count) months"
    }
  }
}
