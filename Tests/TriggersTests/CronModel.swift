import Triggers

/// A cron expression as sets, and a scan that tries every second: slow and obviously correct.
struct CronModel: CustomStringConvertible {
  var text = ""
  var seconds: Bits = [0]
  var minutes: Bits = []
  var hours: Bits = []
  var days: Set<Int> = []
  var months: Set<Int> = []
  var weekdays: Set<Int> = []
  var daysFromLast: Set<Int> = []
  var nearest: Set<Int> = []
  var lastWeekdayOfMonth = false
  var nth: [(weekday: Int, n: Int)] = []
  var isWildcard = false
  var needsBoth = false

  var description: String { text }

  /// Year, month, day by counting years from 1970.
  static func date(_ day: Int) -> (year: Int, month: Int, day: Int) {
    var year = 1970
    var rest = day
    while rest < 0 {
      year -= 1
      rest += length(year)
    }
    while rest >= length(year) {
      rest -= length(year)
      year += 1
    }
    var month = 1
    while rest >= length(year, month) {
      rest -= length(year, month)
      month += 1
    }
    return (year, month, rest + 1)
  }

  static func isLeap(_ year: Int) -> Bool {
    year % 400 == 0 || year % 4 == 0 && year % 100 != 0
  }
  static func length(_ year: Int) -> Int { isLeap(year) ? 366 : 365 }
  static func length(_ year: Int, _ month: Int) -> Int {
    month == 2 && isLeap(year) ? 29 : [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
  }

  func matches(day: Int) -> Bool {
    let date = Self.date(day)
    guard months.contains(date.month) else { return false }
    let weekday = ((day % 7) + 11) % 7
    let length = Self.length(date.year, date.month)
    func weekdayOf(_ n: Int) -> Int { (((day - date.day + n) % 7) + 11) % 7 }
    func nearestWeekday(_ n: Int) -> Int {
      let candidates = [n, n - 1, n + 1, n + 2, n - 2]
      return candidates.first {
        $0 >= 1 && $0 <= length && weekdayOf($0) != 0 && weekdayOf($0) != 6
      } ?? 0
    }
    let byDay =
      days.contains(date.day) || daysFromLast.contains(length - date.day)
      || nearest.contains { $0 <= length && nearestWeekday($0) == date.day }
      || lastWeekdayOfMonth && nearestWeekday(length) == date.day
    let byWeekday =
      weekdays.contains(weekday)
      || nth.contains {
        $0.weekday == weekday
          && ($0.n == 6 ? date.day + 7 > length : (date.day - 1) / 7 + 1 == $0.n)
      }
    return needsBoth ? byDay && byWeekday : byDay || byWeekday
  }

  func matches(local: Int) -> Bool {
    let day = local >= 0 ? local / 86400 : -((-local + 86399) / 86400)
    let time = local - day * 86400
    return has(seconds, time % 60) && has(minutes, time / 60 % 60) && has(hours, time / 3600)
      && matches(day: day)
  }

  /// A set as bits, because a scan tests it a hundred thousand times.
  private func has(_ bits: Bits, _ value: Int) -> Bool { bits.word >> UInt64(value) & 1 == 1 }

  struct Bits: ExpressibleByArrayLiteral {
    var word: UInt64 = 0
    init(_ values: Set<Int>) { for value in values { word |= 1 << UInt64(value) } }
    init(arrayLiteral values: Int...) { self.init(Set(values)) }
  }

  /// The first fire after `start` within `span` seconds; tries each second.
  func next(after start: Int, span: Int, in zone: Zone, _ gap: Gap, _ fold: Fold) -> Int? {
    let clock = ModelClock(zone: zone, from: start - 3 * 86400, through: start + span + 3 * 86400)
    let forward = clock.forward
    for second in start + 1...start + span {
      let local = second + clock.offset(second)
      if matches(local: local), counts(second, local, clock, fold) { return second }
      for change in forward where firesInGap(second, change, gap) { return second }
    }
    return nil
  }

  private func counts(_ second: Int, _ local: Int, _ clock: ModelClock, _ fold: Fold) -> Bool {
    switch fold {
    case .both: true
    case .first: !clock.showings(of: local).contains { $0 < second }
    case .last: !clock.showings(of: local).contains { $0 > second }
    }
  }

  private func firesInGap(_ second: Int, _ change: ModelClock.Change, _ gap: Gap) -> Bool {
    switch gap {
    case .skip: false
    case .after:
      second == change.at
        && (change.at + change.before..<change.at + change.after).contains { matches(local: $0) }
    case .shift:
      second >= change.at && second + change.before < change.at + change.after
        && matches(local: second + change.before)
    }
  }
}

/// The offsets in a range of time, found second by second.
struct ModelClock {
  struct Change {
    var at, before, after: Int
  }
  private(set) var changes: [Change] = []
  private let first: Int
  private let zone: Zone

  init(zone: Zone, from: Int, through: Int) {
    self.zone = zone
    first = zone.offset(at: Timestamp(seconds: Int64(from)))
    var last = first
    // Most changes happen at whole minutes of UTC, but not all of local mean time: check each second.
    var second = from
    while second <= through {
      let step = min(through, second + 900)
      if zone.offset(at: Timestamp(seconds: Int64(step))) != last {
        while zone.offset(at: Timestamp(seconds: Int64(second))) == last { second += 1 }
        let offset = zone.offset(at: Timestamp(seconds: Int64(second)))
        changes.append(Change(at: second, before: last, after: offset))
        last = offset
      } else {
        second += 900
      }
    }
  }

  var forward: [Change] { changes.filter { $0.after > $0.before } }

  func offset(_ second: Int) -> Int {
    for change in changes.reversed() where change.at <= second { return change.after }
    return first
  }

  func showings(of local: Int) -> [Int] {
    Set([first] + changes.map(\.after)).map { local - $0 }.filter { offset($0) == local - $0 }
  }
}
