extension CivilRule {
  func next(from local: Int64, _ special: SpecialDays, anchor: Int64) -> Int64? {
    switch special {
    case .step(let step): next(from: local, step, anchor: anchor)
    case .dates(let dates): next(from: local, dates)
    }
  }

  private func next(from local: Int64, _ step: Step, anchor: Int64) -> Int64? {
    switch step.unit {
    case .minutes: nextTime(from: local, size: 60, step: Int64(step.count), anchor: anchor)
    case .hours: nextTime(from: local, size: 3600, step: Int64(step.count), anchor: anchor)
    case .days: nextDay(from: local, step: step.count, anchor: anchor)
    case .weeks: nextWeek(from: local, step: step.count, anchor: anchor)
    case .months: nextMonth(from: local, step: step.count, anchor: anchor)
    }
  }

  private static let lastLocal = LocalTime(year: YearSet.last + 1, month: 1, day: 1)
    .secondsSince1970

  /// For units of `size` seconds. The list of times holds the seconds within a unit.
  private func nextTime(from local: Int64, size: Int64, step: Int64, anchor: Int64) -> Int64? {
    let midnight = floorDivide(anchor, 86400) * 86400
    let period = size * step
    var start = midnight + floorDivide(local - midnight, period) * period
    while start < Self.lastLocal {
      if let place = times.list.first(where: { start + Int64($0) >= local }) {
        return start + Int64(place)
      }
      start += period
    }
    return nil
  }

  private func nextDay(from local: Int64, step: Int, anchor: Int64) -> Int64? {
    let base = Int(floorDivide(anchor, 86400))
    var day = Int(floorDivide(local, 86400))
    let place = floorRemainder(Int64(day - base), Int64(step))
    if day <= base {
      day = base + step
    } else if place != 0 {
      day += step - Int(place)
    }
    let second = max(0, Int(local) - day * 86400)
    if let time = times.next(from: second) { return inTime(day, time) }
    return inTime(day + step, times.first)
  }

  private func next(from local: Int64, _ dates: DateSet) -> Int64? {
    let today = Int(floorDivide(local, 86400))
    guard let day = dates.next(from: today) else { return nil }
    if let time = times.next(from: day > today ? 0 : Int(local) - day * 86400) {
      return inTime(day, time)
    }
    return dates.next(from: day + 1).flatMap { inTime($0, times.first) }
  }

  private func inTime(_ day: Int, _ time: Int) -> Int64? {
    let second = Int64(day) * 86400 + Int64(time)
    return second < Self.lastLocal ? second : nil
  }

  private func nextWeek(from local: Int64, step: Int, anchor: Int64) -> Int64? {
    let withoutStep = CivilRule(times: times, days: days)
    guard let first = withoutStep.next(from: anchor + 1, anchor: 0) else { return nil }
    let base = Self.week(of: first)
    var from = max(local, first)
    while let match = withoutStep.next(from: from, anchor: 0) {
      let place = Int(floorRemainder(Int64(Self.week(of: match) - base), Int64(step)))
      if place == 0 { return match }
      let monday = (Self.week(of: match) + step - place) * 7 - 3
      from = Int64(monday) * 86400
      if from >= Self.lastLocal { return nil }
    }
    return nil
  }

  /// Weeks begin on Monday; 1970-01-01 was a Thursday.
  private static func week(of local: Int64) -> Int {
    Int(floorDivide(floorDivide(local, 86400) + 3, 7))
  }

  private func nextMonth(from local: Int64, step: Int, anchor: Int64) -> Int64? {
    let base = CivilDate(dayNumber: Int(floorDivide(anchor, 86400))).year * 12
    let withoutStep = CivilRule(times: times, days: days, years: years)
    var from = local
    while let match = withoutStep.next(from: from, anchor: 0) {
      let date = CivilDate(dayNumber: Int(floorDivide(match, 86400)))
      let index = date.year * 12 + date.month - 1
      let place = Int(floorRemainder(Int64(index - base), Int64(step)))
      if place == 0 { return match }
      let month = index + step - place
      if month / 12 > YearSet.last { return nil }
      let day = CivilDate.dayNumber(year: month / 12, month: month % 12 + 1, day: 1)
      from = Int64(day) * 86400
    }
    return nil
  }
}
