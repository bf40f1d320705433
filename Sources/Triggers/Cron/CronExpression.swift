/// The fields of a cron expression, and what they mean together.
struct CronExpression {
  var second = CronValues(mask: 1)
  var minute = CronValues()
  var hour = CronValues()
  var day = CronValues()
  var month = CronValues()
  var weekday = CronValues()
  var year: CronValues?
  var weekdayText = ""
  var dayPlace = 0

  /// Whether it follows the wall clock through its changes, as in Debian's cron.
  var isWildcard: Bool { minute.startsWithStar || hour.startsWithStar }

  var rule: CivilRule {
    CivilRule(
      times: DayTimes(hours: hour.mask, minutes: minute.mask, seconds: second.mask), days: days,
      months: month.mask, years: year?.years.simplified ?? .all)
  }

  private var days: DayRule {
    var rule = DayRule()
    rule.days = day.mask
    rule.fromLast = day.fromLast
    rule.nearest = day.nearest
    rule.nearestFromLast = day.nearestFromLast
    rule.weekdays = weekday.mask
    rule.nthWeekdays = weekday.nthWeekdays
    rule.needsBoth = day.startsWithStar || weekday.startsWithStar
    return rule
  }

  /// The reason why an expression matches in no year.
  var reasonNeverToFire: String {
    let months = bits(month.mask)
    let longest = months.map { $0 == 2 ? 29 : CivilDate.daysInMonth(2001, $0) }.max() ?? 31
    let fixedDays = day.fromLast | day.nearestFromLast == 0 ? bits(day.mask | day.nearest) : []
    if let first = fixedDays.first, first > longest {
      let names = months.map(Names.month)
      return "\(list(names)) \(names.count == 1 ? "has" : "have") no day \(first)"
    }
    if let years = year?.years.years, fixedDays == [29], months == [2] {
      let are = years.count == 1 ? "is no leap year" : "are no leap years"
      return "\(list(years.prefix(5).map(String.init))) \(are)"
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
    mask.nonzeroBitCount < (name == "day" ? 31 : 7)
  }

  /// Whether the field opposite to `name` leaves every day.
  fileprivate func isEveryDay(of name: String) -> Bool {
    mask.nonzeroBitCount == (name == "day" ? 7 : 31)
  }
}
