/// The fields of a cron expression, and what they mean together.
struct CronExpression {
  var times = DayTimes(hours: 0, minutes: 0, seconds: 1)
  var days = DayRule(days: 0, weekdays: 0)
  var months: UInt64 = 0
  var years = YearSet.all
  /// The fields that start with `*` or `?`.
  var starred: [CronField] = []
  /// Steps that exceed their field, so that only the first value is left.
  var wideSteps: [CronField: Int] = [:]

  /// Whether it follows the wall clock through its changes, as in Debian's cron.
  var isWildcard: Bool { starred.contains(.minute) || starred.contains(.hour) }

  var rule: CivilRule {
    var days = days
    days.needsBoth = starred.contains(.day) || starred.contains(.weekday)
    return CivilRule(times: times, days: days, months: months, years: years)
  }

  /// The first number of a weekday: not that after `#` or `/`, or in `H(1-5)`. Quartz has no 0.
  private static func weekdayNumber(in text: String) -> Int? {
    guard !text.contains("(") else { return nil }
    var before: Character = ","
    for character in text {
      if let number = character.wholeNumberValue, (1...7).contains(number), ",-".contains(before) {
        return number
      }
      before = character
    }
    return nil
  }

  /// The reason why an expression matches in no year.
  var reasonNeverToFire: String {
    let monthNumbers = bits(months)
    let longest = monthNumbers.map { CivilDate.daysInMonth(2004, $0) }.max() ?? 31
    let fixedDays = days.fromLast | days.nearestFromLast == 0 ? bits(days.days | days.nearest) : []
    if let first = fixedDays.first, first > longest {
      let names = monthNumbers.map(Names.month)
      return "\(list(names)) \(names.count == 1 ? "has" : "have") no day \(first)"
    }
    if !years.isAll, fixedDays == [29], monthNumbers == [2] {
      let years = years.years
      let are = years.count == 1 ? "is no leap year" : "are no leap years"
      return "\(list(years.prefix(5).map(String.init))) \(are)"
    }
    return "no day of any year matches its day, month, weekday and year together"
  }

  /// `weekdayText` is the text of the weekday field. `isQuartz` means that the other fields look like Quartz's.
  func warnings(_ weekdayText: String, isQuartz: Bool) -> [String] {
    var warnings: [String] = []
    if days.days != DayRule.everyDay && days.weekdays != DayRule.everyWeekday {
      warnings += [CronField.day, .weekday].filter(starred.contains).map {
        "a day must match both day fields, since the \($0) field starts with *; "
          + "other crons take either"
      }
    }
    if ["2-6", "1,7", "7,1"].contains(weekdayText) {
      let means = weekdayText == "2-6" ? "Tuesday to Saturday" : "Monday and Sunday"
      warnings.append(
        "weekdays \(weekdayText) are \(means) here (0 and 7 are Sunday); Quartz counts from "
          + "1 for Sunday. Names are clear everywhere")
    } else if isQuartz, let number = Self.weekdayNumber(in: weekdayText) {
      warnings.append(
        "weekday \(number) is \(Names.weekday(number % 7)) here (0 and 7 are Sunday); in Quartz, from which the other fields seem to come, it is \(Names.weekday((number + 6) % 7)). Names are clear everywhere"
      )
    }
    for field in CronField.allCases where field != .year {
      if let step = wideSteps[field] {
        warnings.append("a step of \(step) exceeds the \(field) field and leaves one value")
      }
    }
    return warnings
  }
}
