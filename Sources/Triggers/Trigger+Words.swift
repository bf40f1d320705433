extension Trigger {
  /// A description in English: `every 10 seconds`, `At 09:00 on weekdays, Berlin time`.
  public var words: String {
    switch self {
    case .every(let period, _): "every " + DurationText.words(period)
    case .everyBetween(let low, let high, _, _):
      "every " + Self.words(from: low, to: high) + ", at random"
    case .after(let delay, _): "once, after " + DurationText.words(delay)
    case .reboot: "once, at the start of the host"
    case .calendar(let calendar): calendar.words
    }
  }
}

extension Trigger {
  /// `5 to 10 minutes`, `30 seconds to 2 minutes`.
  private static func words(from low: Int64, to high: Int64) -> String {
    let (first, last) = (DurationText.words(low), DurationText.words(high))
    let (a, b) = (first.split(separator: " "), last.split(separator: " "))
    let isOneUnit = a.count == 2 && b.count == 2 && (a[1] == b[1] || a[1] + "s" == b[1])
    return (isOneUnit ? String(a[0]) : first) + " to " + last
  }

  /// The description within a sentence.
  fileprivate var innerWords: String { words.prefix(1).lowercased() + words.dropFirst() }
}

extension CalendarTrigger {
  var words: String {
    switch rule {
    case .civil(let rule): return CivilWords(rule: rule).sentence + place
    case .span: return spanWords + place
    case .instants(let instants, _):
      return "Once, on " + instants.map(words).joined(separator: " and ") + place
    case .sun(let rule): return rule.words
    case .any(let triggers):
      return triggers[0].words + triggers.dropFirst().map { "; or " + $0.innerWords }.joined()
    case .both(let a, let b): return Self.operand(a) + ", only " + Self.condition(b, for: a)
    case .without(let a, let b): return Self.operand(a) + ", except " + Self.condition(b, for: a)
    }
  }

  private func words(_ instant: Timestamp) -> String {
    let local = zone.localTime(of: instant)
    let rest = floorRemainder(instant.nanoseconds, 1_000_000_000) / 1_000_000
    let fraction = rest == 0 ? "" : "." + digits(rest, 3)
    return "\(Names.weekday(local.date.weekday)) \(local.date) at "
      + (rest == 0 ? local.shortClock : local.clock + fraction)
  }

  /// `, Berlin time`.
  private var place: String {
    let city = zone.name.split(separator: "/").last ?? ""
    if city == "UTC" { return ", UTC" }
    if city == "localtime" { return ", local time" }
    return ", " + String(city.map { $0 == "_" ? " " : $0 }) + " time"
  }

  private var spanWords: String {
    text.hasPrefix("dates ") ? "on " + text.dropFirst(6) : text
  }

  /// The description of the left side of `&` or `-`; alternatives are in parentheses.
  private static func operand(_ trigger: Trigger) -> String {
    guard case .calendar(let calendar) = trigger, case .any = calendar.rule else {
      return trigger.words
    }
    return "(" + trigger.words + ")"
  }

  /// The description of the right side of `&` or `-`. Names the zone if it differs from that of the left side.
  private static func condition(_ trigger: Trigger, for other: Trigger) -> String {
    guard case .calendar(let calendar) = trigger, case .span = calendar.rule else {
      return "when (" + trigger.innerWords + ")"
    }
    return calendar.spanWords + (calendar.zone == other.zone ? "" : calendar.place)
  }
}
