/// Says a rule of wall time in plain words.
struct CivilWords {
  private let rule: CivilRule

  init(_ rule: CivilRule) {
    self.rule = rule
  }

  var sentence: String {
    let days = DayWords(rule)
    let words = [times, days.phrase.isEmpty && isAtTimes ? "every day" : days.phrase]
    return words.filter { !$0.isEmpty }.joined(separator: " ")
  }

  private var stride: Stride? {
    if case .stride(let stride) = rule.special { return stride }
    return nil
  }

  /// Whether the words name times of day, as against a rhythm.
  private var isAtTimes: Bool {
    if let stride { return stride.unit == .days || stride.unit == .weeks || stride.unit == .months }
    return !clockTimes.isEmpty
  }

  private var times: String {
    if let stride, stride.unit == .hours || stride.unit == .minutes { return strideTimes(stride) }
    if !clockTimes.isEmpty { return "At " + list(clockTimes) }
    if !rule.times.list.isEmpty {
      return "At \(rule.times.list.count) times of the day"
    }
    return rhythm
  }

  private func strideTimes(_ stride: Stride) -> String {
    let name = stride.unit == .hours ? "hours" : "minutes"
    let places = rule.times.list.map { place in
      stride.unit == .minutes
        ? ":" + digits(Int64(place), 2)
        : ":" + digits(Int64(place / 60), 2)
          + (place % 60 == 0 ? "" : ":" + digits(Int64(place % 60), 2))
    }
    return "Every \(stride.step) \(name) at \(list(places))"
  }

  /// The times of day, if they are few.
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
    let allMinutes = times.minutes == DayTimes.allMinutes
    if times.seconds == 1 {
      let minutes = every(times.minutes, "minute", 60)
      if let minutes { return minutes + hours }
      let hourStep = Self.step(times.hours, 24).map { $0 == 1 ? "hour" : "\($0) hours" }
      let places = list(bits(times.minutes).map { ":" + digits(Int64($0), 2) })
      if let hourStep { return "Every \(hourStep) at \(places)" }
      return "Every hour at \(places)" + hours
    }
    let seconds =
      every(times.seconds, "second", 60)
      ?? "At second \(list(bits(times.seconds).map(String.init)))"
    if allMinutes {
      return seconds
        + (times.seconds.nonzeroBitCount == 60 || every(times.seconds, "second", 60) != nil
          ? "" : " of every minute") + hours
    }
    let minutes =
      Self.step(times.minutes, 60).map { "every \(EveryParser.ordinalText($0)) minute" }
      ?? "minute \(list(bits(times.minutes).map(String.init)))"
    return seconds + " of " + minutes + hours
  }

  private func every(_ mask: UInt64, _ name: String, _ size: Int) -> String? {
    Self.step(mask, size).map { $0 == 1 ? "Every \(name)" : "Every \($0) \(name)s" }
  }

  /// The step of a mask that runs evenly through its whole range from 0.
  private static func step(_ mask: UInt64, _ size: Int) -> Int? {
    (1...size / 2).first { step in
      size % step == 0
        && mask == Swift.stride(from: 0, to: size, by: step).reduce(0) { $0 | 1 << UInt64($1) }
    }
  }

  private var hours: String {
    let hours = bits(rule.times.hours)
    if hours.count == 24 { return "" }
    if let step = Self.step(rule.times.hours, 24) {
      return " of every \(EveryParser.ordinalText(step)) hour"
    }
    let spans = (runs(hours, size: 24) ?? []).map {
      "\(digits(Int64($0), 2)):00 to \(digits(Int64($1), 2)):59"
    }
    return " from " + list(spans)
  }
}

/// The set bits of a mask, in order.
func bits(_ mask: UInt64) -> [Int] {
  (0..<64).filter { mask >> UInt64($0) & 1 == 1 }
}

/// Consecutive values as (first, last), joined over the end of a cycle; nil where there are none.
func runs(_ values: [Int], size: Int, from lowest: Int = 0) -> [(Int, Int)]? {
  guard let first = values.first else { return nil }
  var runs = [(first, first)]
  for value in values.dropFirst() {
    if value == runs[runs.count - 1].1 + 1 {
      runs[runs.count - 1].1 = value
    } else {
      runs.append((value, value))
    }
  }
  if runs.count > 1, runs[0].0 == lowest, runs[runs.count - 1].1 == lowest + size - 1 {
    let wrapped = (runs.removeLast().0, runs[0].1)
    runs.removeFirst()
    runs.append(wrapped)
  }
  return runs
}
