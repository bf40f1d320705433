/// Describes a rule of wall time in English.
struct CivilWords {
  private let rule: CivilRule

  init(_ rule: CivilRule) {
    self.rule = rule
  }

  var sentence: String {
    let days = DayWords(rule)
    let words = [times, days.namesNoDays && isAtTimes ? "every day" : "", days.phrase]
    return words.filter { !$0.isEmpty }.joined(separator: " ")
  }

  private var dateStep: Step? {
    if case .step(let step) = rule.special { return step }
    return nil
  }

  /// Whether the words name times of day, not a rhythm.
  private var isAtTimes: Bool {
    if let step = dateStep {
      return step.unit == .days || step.unit == .weeks || step.unit == .months
    }
    return !clockTimes.isEmpty
  }

  private var times: String {
    if let step = dateStep, step.unit == .hours || step.unit == .minutes { return stepTimes(step) }
    if !clockTimes.isEmpty { return "At " + list(clockTimes) }
    if !rule.times.list.isEmpty {
      return "At \(rule.times.list.count) times of the day"
    }
    return rhythm
  }

  private func stepTimes(_ step: Step) -> String {
    let name = step.unit == .hours ? "hours" : "minutes"
    let places = rule.times.list.map { place in
      step.unit == .minutes
        ? ":" + digits(Int64(place), 2)
        : ":" + digits(Int64(place / 60), 2)
          + (place % 60 == 0 ? "" : ":" + digits(Int64(place % 60), 2))
    }
    return "Every \(step.count) \(name) at \(list(places))"
  }

  /// The times of day; none if there are more than six.
  private var clockTimes: [String] {
    let times = rule.times
    let seconds: [Int]
    if !times.list.isEmpty {
      seconds = times.list
    } else {
      let count =
        times.hours.nonzeroBitCount * times.minutes.nonzeroBitCount
        * times.seconds.nonzeroBitCount
      guard count <= 6 else { return [] }
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
    let seconds =
      every(times.seconds, "second", 60)
      ?? counted("At second", bits(times.seconds))
    if times.minutes == DayTimes.allMinutes {
      return seconds + (every(times.seconds, "second", 60) == nil ? " of every minute" : "") + hours
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
    let minutes = bits(rule.times.minutes)
    if let words = every(rule.times.minutes, "minute", 60) { return words + hours }
    let places = minutes.map { ":" + digits(Int64($0), 2) }
    if minutes.count > 2, minutes[minutes.count - 1] - minutes[0] == minutes.count - 1 {
      let isAllDay = rule.times.hours == DayTimes.allHours
      return "Every minute from \(places[0]) to \(places[places.count - 1])"
        + (isAllDay ? " of every hour" : "," + hours)
    }
    if let step = Self.step(rule.times.hours, 24) {
      return "Every \(step == 1 ? "hour" : "\(step) hours") at \(list(places))"
    }
    if let step = hourStep {
      return "Every \(step) hours at \(list(places))" + Self.spans(of: hourEnds)
    }
    return "Every hour at \(list(places))" + hours
  }

  /// The distance between three or more hours that are evenly spaced and not adjacent.
  private var hourStep: Int? {
    let hours = bits(rule.times.hours)
    guard hours.count > 2, hours[1] - hours[0] > 1 else { return nil }
    let isEven = zip(hours, hours.dropFirst()).allSatisfy { $1 - $0 == hours[1] - hours[0] }
    return isEven ? hours[1] - hours[0] : nil
  }

  private var hourEnds: [(Int, Int)] {
    let hours = bits(rule.times.hours)
    return [(hours[0], hours[hours.count - 1])]
  }

  private func every(_ mask: UInt64, _ name: String, _ size: Int) -> String? {
    Self.step(mask, size).map { $0 == 1 ? "Every \(name)" : "Every \($0) \(name)s" }
  }

  /// The step of a mask whose bits are evenly spaced from 0 through the whole range.
  private static func step(_ mask: UInt64, _ size: Int) -> Int? {
    (1...size / 2).first { size % $0 == 0 && mask == bitMask(stride(from: 0, to: size, by: $0)) }
  }

  private var hours: String {
    let hours = bits(rule.times.hours)
    if hours.count == 24 { return "" }
    if let step = Self.step(rule.times.hours, 24) {
      return " of every \(ordinalText(step)) hour"
    }
    if let step = hourStep {
      return " of every \(ordinalText(step)) hour" + Self.spans(of: hourEnds)
    }
    return Self.spans(of: runs(hours, size: 24) ?? [])
  }

  private static func spans(of hours: [(Int, Int)]) -> String {
    " from "
      + list(hours.map { "\(digits(Int64($0), 2)):00 to \(digits(Int64($1), 2)):59" })
  }
}
