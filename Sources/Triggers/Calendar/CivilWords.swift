/// Describes a rule of wall time in English.
struct CivilWords {
  let rule: CivilRule

  var sentence: String {
    let days = DayWords(rule: rule)
    let times = times
    let words = [times.words, days.namesNoDays && times.areOfDay ? "every day" : "", days.phrase]
    return words.filter { !$0.isEmpty }.joined(separator: " ")
  }

  /// The times, and whether the words name times of day, not a rhythm.
  private var times: (words: String, areOfDay: Bool) {
    if case .step(let step)? = rule.special, let words = stepTimes(step) { return (words, false) }
    if !clockTimes.isEmpty { return ("At " + list(clockTimes), true) }
    let count = rule.times.list.count
    return (count > 0 ? "At \(count) times of the day" : rhythm, false)
  }

  /// Nil for a step of days or more.
  private func stepTimes(_ step: Step) -> String? {
    let places: [String]
    switch step.unit {
    case .minutes: places = rule.times.list.map(Self.place)
    case .hours:
      places = rule.times.list.map {
        Self.place($0 / 60) + ($0 % 60 == 0 ? "" : Self.place($0 % 60))
      }
    case .days, .weeks, .months: return nil
    }
    return "Every \(step.count) \(step.unit) at \(list(places))"
  }

  /// `:05`.
  private static func place(_ number: Int) -> String { ":" + digits(Int64(number), 2) }

  /// The times of day; none if there are more than six.
  private var clockTimes: [String] {
    let times = rule.times
    let count =
      times.hours.nonzeroBitCount * times.minutes.nonzeroBitCount * times.seconds.nonzeroBitCount
    var seconds = times.list
    if seconds.isEmpty && count <= 6 {
      seconds = bits(times.hours).flatMap { hour in
        bits(times.minutes).flatMap { minute in
          bits(times.seconds).map { hour * 3600 + minute * 60 + $0 }
        }
      }
    }
    guard seconds.count <= 6 else { return [] }
    return seconds.map { LocalTime(secondsSince1970: Int64($0)).shortClock }
  }

  /// `Every 5 minutes from 09:00 to 17:59`.
  private var rhythm: String {
    let times = rule.times
    if times.seconds == 1 { return minuteRhythm }
    let everySecond = every(times.seconds, "second")
    let seconds = everySecond ?? counted("At second", bits(times.seconds))
    if times.minutes == DayTimes.allMinutes {
      return seconds + (everySecond == nil ? " of every minute" : "") + hours
    }
    let minutes =
      Self.step(times.minutes, 60).map { "every \(ordinalText($0)) minute" }
      ?? counted("minute", bits(times.minutes))
    return seconds + " of " + minutes + hours
  }

  private func counted(_ noun: String, _ values: [Int]) -> String {
    noun + (values.count == 1 ? " " : "s ") + list(values.map(String.init))
  }

  private var minuteRhythm: String {
    if let words = every(rule.times.minutes, "minute") { return words + hours }
    let minutes = bits(rule.times.minutes)
    let places = minutes.map(Self.place)
    if minutes.count > 2, minutes[minutes.count - 1] - minutes[0] == minutes.count - 1 {
      let isAllDay = rule.times.hours == DayTimes.allHours
      return "Every minute from \(places[0]) to \(places[places.count - 1])"
        + (isAllDay ? " of every hour" : "," + hours)
    }
    if let (step, span) = hourStep {
      return "Every \(step == 1 ? "hour" : "\(step) hours") at \(list(places))" + span
    }
    return "Every hour at \(list(places))" + hours
  }

  private func every(_ mask: UInt64, _ name: String) -> String? {
    Self.step(mask, 60).map { $0 == 1 ? "Every \(name)" : "Every \($0) \(name)s" }
  }

  /// The step of a mask whose bits are evenly spaced from 0 through the whole range.
  private static func step(_ mask: UInt64, _ size: Int) -> Int? {
    (1...size / 2).first { size % $0 == 0 && mask == bitMask(stride(from: 0, to: size, by: $0)) }
  }

  /// The distance between hours that are evenly spaced through the day, or between three or more others that are and
  /// are not adjacent: these have a span.
  private var hourStep: (step: Int, span: String)? {
    if let step = Self.step(rule.times.hours, 24) { return (step, "") }
    let hours = bits(rule.times.hours)
    guard hours.count > 2, hours[1] - hours[0] > 1,
      zip(hours, hours.dropFirst()).allSatisfy({ $1 - $0 == hours[1] - hours[0] })
    else { return nil }
    return (hours[1] - hours[0], Self.spans(of: [(hours[0], hours[hours.count - 1])]))
  }

  private var hours: String {
    if rule.times.hours == DayTimes.allHours { return "" }
    if let (step, span) = hourStep { return " of every \(ordinalText(step)) hour" + span }
    return Self.spans(of: runs(bits(rule.times.hours), size: 24))
  }

  private static func spans(of hours: [(Int, Int)]) -> String {
    " from " + list(hours.map { "\(digits(Int64($0), 2)):00 to \(digits(Int64($1), 2)):59" })
  }
}
