extension Trigger {
  /// Plain words: `every 10 seconds`, `At 09:00 on weekdays, Berlin time`.
  public var words: String {
    switch self {
    case .every(let period, _): "every " + DurationText.words(period)
    case .everyBetween(let low, let high, _, _):
      "every " + DurationText.words(low) + " to " + DurationText.words(high) + ", at random"
    case .after(let delay, _): "once, after " + DurationText.words(delay)
    case .reboot: "once, at the start of the host"
    case .calendar(let calendar): calendar.words
    }
  }
}

extension CalendarTrigger {
  var words: String {
    switch rule {
    case .civil(let rule): return CivilWords(rule).sentence + place
    case .span: return spanWords + place
    case .instants(let instants, _):
      return "Once, on " + instants.map(words).joined(separator: " and ") + place
    case .sun(let rule): return rule.words
    case .any(let triggers): return triggers.map(\.words).joined(separator: "; or ")
    case .both(let a, let b): return a.words + ", only " + Self.condition(b)
    case .without(let a, let b): return a.words + ", except " + Self.condition(b)
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
    return ", " + String(city.map { $0 == "_" ? " " : $0 }) + " time"
  }

  private var spanWords: String {
    text.hasPrefix("dates ") ? "on " + text.dropFirst(6) : text
  }

  /// A trigger as part of a longer sentence.
  private static func condition(_ trigger: Trigger) -> String {
    guard case .calendar(let calendar) = trigger else { return "when " + trigger.words }
    if case .span = calendar.rule { return calendar.spanWords }
    let words = trigger.words
    return "when (" + words.prefix(1).lowercased() + words.dropFirst() + ")"
  }
}
