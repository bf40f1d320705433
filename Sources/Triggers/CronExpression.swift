/// The fields of a cron expression, and what they mean together.
struct CronExpression {
  var second = CronValues(values: [0])
  var minute = CronValues()
  var hour = CronValues()
  var day = CronValues()
  var month = CronValues()
  var weekday = CronValues()
  var year: CronValues?
  var weekdayText = ""
  var dayPlace = 0

  /// Follows the clock through its changes, as Debian's cron has it.
  var isWildcard: Bool { minute.startsWithStar || hour.startsWithStar }

  var rule: CivilRule {
    let years = year.map { $0.values.count == YearSet.last - YearSet.first + 1 ? nil : $0.values }
    return CivilRule(
      times: DayTimes(hours: hour.mask, minutes: minute.mask, seconds: second.mask), days: days,
      months: month.mask, years: (years ?? nil).map { YearSet($0) } ?? .all)
  }

  private var days: DayRule {
    var rule = DayRule()
    rule.days = day.mask
    rule.fromLast = CronValues.bits(day.fromLast)
    rule.nearest = CronValues.bits(day.nearest)
    rule.nearestFromLast = CronValues.bits(day.nearestFromLast)
    rule.weekdays = weekday.mask
    rule.nthWeekdays = weekday.nth.reduce(0) { $0 | 1 << UInt64(7 * ($1.n - 1) + $1.weekday) }
    rule.needsBoth = day.startsWithStar || weekday.startsWithStar
    return rule
  }

  /// Why there is no match in any year, for an expression that has none.
  var reasonNeverToFire: String {
    let months = month.values.sorted()
    let onlyPlain = day.fromLast.isEmpty && day.nearest.isEmpty && day.nearestFromLast.isEmpty
    let longest = months.map { $0 == 2 ? 29 : CivilDate.daysInMonth(2001, $0) }.max() ?? 31
    if onlyPlain, let first = day.values.min(), first > longest {
      let names = months.map(Names.month)
      return "\(list(names)) \(names.count == 1 ? "has" : "have") no day \(first)"
    }
    if let nearest = day.nearest.min(), day.values.isEmpty, nearest > longest {
      return "\(list(months.map(Names.month))) has no day \(nearest)"
    }
    if let years = year?.values.sorted(), day.values == [29], months == [2] {
      return
        "\(list(years.map(String.init))) \(years.count == 1 ? "is no leap year" : "are no leap years")"
    }
    return "no day of any year matches its day, month, weekday and year together"
  }

  var warnings: [String] {
    var warnings: [String] = []
    for (name, field) in [("day", day), ("weekday", weekday)] {
      let other = name == "day" ? weekday : day
      if field.startsWithStar && field.isStep(of: name) && !other.isEveryDay(of: name) {
        warnings.append(
          "a day must match both day fields, since the \(name) field starts with *; "
            + "other crons take either")
      }
    }
    if ["2-6", "1,7", "7,1"].contains(weekdayText) {
      let means = weekdayText == "2-6" ? "Tuesday to Saturday" : "Monday and Sunday"
      warnings.append(
        "weekdays \(weekdayText) are \(means) here (0 and 7 are Sunday); Quartz counts from "
          + "1 for Sunday. Names are clear everywhere")
    }
    let fields = [
      ("second", second), ("minute", minute), ("hour", hour), ("day", day), ("month", month),
      ("weekday", weekday),
    ]
    for (name, field) in fields {
      if let step = field.wideStep {
        warnings.append("a step of \(step) exceeds the \(name) field and leaves one value")
      }
    }
    return warnings
  }
}

extension CronValues {
  fileprivate func isStep(of name: String) -> Bool {
    values.count < (name == "day" ? 31 : 7)
  }

  /// Whether the field opposite to `name` leaves every day.
  fileprivate func isEveryDay(of name: String) -> Bool {
    values.count == (name == "day" ? 7 : 31)
  }
}

/// `a`, `a and b`, `a, b and c`.
func list(_ words: [String]) -> String {
  guard words.count > 1, let last = words.last else { return words.first ?? "" }
  return words.dropLast().joined(separator: ", ") + " and " + last
}
