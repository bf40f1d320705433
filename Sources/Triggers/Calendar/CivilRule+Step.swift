extension CivilRule {
  func next(from local: Int64, _ special: SpecialDays, anchor: Int64) -> Int64? {
    switch special {
    case .dates(let dates): next(from: local, dates)
    case .step(let step):
      switch step.unit {
      case .minutes: nextTime(from: local, size: 60, step: step.count, anchor: anchor)
      case .hours: nextTime(from: local, size: 3600, step: step.count, anchor: anchor)
      case .days: nextDay(from: local, step: step.count, anchor: anchor)
      case .weeks: nextWeek(from: local, step: step.count, anchor: anchor)
      case .months: nextMonth(from: local, step: step.count, anchor: anchor)
      }
    }
  }

  /// For units of `size` seconds. The list of times holds the seconds within a unit.
  private func nextTime(from local: Int64, size: Int64, step: Int, anchor: Int64) -> Int64? {
    let midnight = floorDivide(anchor, 86400) * 86400
    let period = size * Int64(step)
    var start = midnight + floorDivide(local - midnight, period) * period
    while start < Self.end {
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
    return next(from: local, on: day, or: day + step)
  }

  private func next(from local: Int64, _ dates: DateSet) -> Int64? {
    guard let day = dates.next(from: Int(floorDivide(local, 86400))) else { return nil }
    return next(from: local, on: day, or: dates.next(from: day + 1))
  }

  /// The first time on a day at or after a local second, or else the first on a later day.
  private func next(
    from local: Int64, on day: Int, or later: @autoclosure () -> Int?
  ) -> Int64? {
    let time = times.next(from: max(0, Int(local) - day * 86400))
    guard let day = time == nil ? later() : day else { return nil }
    let second = Int64(day) * 86400 + Int64(time ?? times.first)
    return second < Self.end ? second : nil
  }

  private func nextWeek(from local: Int64, step: Int, anchor: Int64) -> Int64? {
    guard let first = nextOfFields(from: anchor + 1) else { return nil }
    return next(
      from: max(local, first), step: step, base: Self.week(of: first), period: Self.week,
      start: { Int64($0 * 7 - 3) * 86400 })
  }

  /// Weeks begin on Monday; 1970-01-01 was a Thursday.
  private static func week(of local: Int64) -> Int {
    Int(floorDivide(floorDivide(local, 86400) + 3, 7))
  }

  private func nextMonth(from local: Int64, step: Int, anchor: Int64) -> Int64? {
    next(
      from: local, step: step, base: Self.date(anchor).year * 12,
      period: { Self.date($0).year * 12 + Self.date($0).month - 1 },
      start: { LocalTime(year: $0 / 12, month: $0 % 12 + 1, day: 1).secondsSince1970 })
  }

  private static func date(_ local: Int64) -> CivilDate { LocalTime(secondsSince1970: local).date }

  /// The first match of the fields at or after `local` in every `step`th period from `base` on.
  @inline(__always)
  private func next(
    from local: Int64, step: Int, base: Int, period: (Int64) -> Int, start: (Int) -> Int64
  ) -> Int64? {
    var from = local
    while from < Self.end, let match = nextOfFields(from: from) {
      let place = Int(floorRemainder(Int64(period(match) - base), Int64(step)))
      if place == 0 { return match }
      from = start(period(match) + step - place)
    }
    return nil
  }
}
