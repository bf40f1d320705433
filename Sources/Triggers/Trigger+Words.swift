extension Trigger {
  /// Plain words: `every 10 seconds`, `At 09:00 on weekdays, Berlin time`.
  public var words: String {
    switch self {
    case .every(let period, _): "every " + DurationText.words(period)
    case .everyBetween(let low, let high, _, _):
      "every " + DurationText.words(low) + " to " + DurationText.words(high) + ", at random"
    case .after(let delay, _): "once, after " + DurationText.words(delay)
    case .reboot: "once, at the start of the host"
    case .calendar(let calendar): calendar.text
    }
  }
}
