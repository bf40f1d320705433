/// The days of a rule in words: `on weekdays in January`, `on the 1st and 15th, or on Friday`.
struct DayWords {
  let rule: CivilRule

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
    let step = (2...15).first { days.days == bitMask(stride(from: 1, through: 31, by: $0)) }
    var words: [String] = []
    let dayNumbers = bits(days.days)
    let runs = runs(dayNumbers, size: 31, from: 1)
    if let step {
      words.append("every \(ordinalText(step)) day")
    } else if runs.count < dayNumbers.count - 1 {
      words += runs.map { first, last in
        first == last ? ordinalText(first) : ordinalText(first) + " to " + ordinalText(last)
      }
    } else {
      words += dayNumbers.map(ordinalText)
    }
    words += bits(days.fromLast).map {
      $0 == 0 ? "last day" : $0 == 1 ? "day before the last" : "day \($0) days before the last"
    }
    words += bits(days.nearest).map { "weekday nearest to the \(ordinalText($0))" }
    words += bits(days.nearestFromLast).map {
      $0 == 0 ? "last weekday" : "weekday nearest to \($0) days before the last"
    }
    if words.isEmpty { return "" }
    let isAlone =
      days.needsBoth && days.weekdays == DayRule.everyWeekday
      || days.weekdays | days.nthWeekdays == 0
    let ofMonth = rule.months == CivilRule.everyMonth || !isAlone ? " of the month" : ""
    return "on " + (step == nil ? "the " : "") + list(words) + ofMonth
  }

  private var weekdays: String {
    let days = rule.days
    if days.weekdays == DayRule.everyWeekday { return "" }
    var words: [String]
    switch days.weekdays {
    case 0: words = []
    case 0b0111110: words = ["weekdays"]
    case 0b1000001: words = ["weekends"]
    default:
      // From Monday on, as people list them.
      let places = bits(days.weekdays).map { ($0 + 6) % 7 }.sorted()
      words = Self.named(places, size: 7) { Names.weekday($0 + 1) }
    }
    for n in 0..<6 {
      for day in bits(days.nthWeekdays >> UInt64(7 * n) & 0x7F) {
        words.append("the " + (n == 5 ? "last" : ordinalText(n + 1)) + " " + Names.weekday(day))
      }
    }
    return "on " + list(words) + (days.nthWeekdays == 0 ? "" : " of the month")
  }

  /// The names of values; only the first and the last if there are more than two, all in a row.
  private static func named(
    _ values: [Int], size: Int, from lowest: Int = 0, _ name: (Int) -> String
  ) -> [String] {
    let runs = runs(values, size: size, from: lowest)
    guard runs.count == 1, values.count > 2 else { return values.map(name) }
    return [name(runs[0].0) + " to " + name(runs[0].1)]
  }

  private var monthPhrase: String {
    if rule.months == CivilRule.everyMonth { return "" }
    // After days of the month only, "of" and a month follow.
    let joint = !daysOfMonth.isEmpty && dayPhrase == daysOfMonth ? "of " : "in "
    return joint + list(Self.named(bits(rule.months), size: 12, from: 1, Names.month))
  }

  private var yearPhrase: String {
    let years = rule.years.years
    if years.isEmpty { return "" }
    let words = Self.named(years, size: 1000) { String($0) }
    return "in " + (words.count <= 6 ? list(words) : "\(years.count) years")
  }

  private var stepPhrase: String {
    guard case .step(let step) = rule.special else { return "" }
    switch step.unit {
    case .minutes, .hours: return ""
    case .days where step.count == 7: return "every week"
    case .days where step.count % 7 == 0: return "every \(step.count / 7) weeks"
    case .days, .weeks, .months: return "every \(step.count) \(step.unit)"
    }
  }
}
