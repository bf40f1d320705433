extension Trigger {
  /// The trigger of a number with a short unit, as in "10s", the common form; nil for any other text.
  ///
  /// - Parameter once: whether to make the trigger of ``after(_:)`` instead of that of ``every(_:_:)``.
  public static func parseShort(_ text: String, once: Bool) -> Trigger? {
    guard let length = DurationText.parseShort(text.utf8) else { return nil }
    let text = DurationText.unlessShortest(text, of: length)
    return once
      ? .after(nanoseconds: length, text: text) : .every(nanoseconds: length, text: text)
  }

  /// Once, after a duration of elapsed time.
  public static func after(_ text: String) throws(TriggerError) -> Trigger {
    let words = collapsed(text)
    let delay = try DurationText.parse(words)
    return .after(nanoseconds: delay, text: DurationText.unlessShortest(words, of: delay))
  }

  /// Once, after a number of seconds.
  public static func after(seconds: Double) throws(TriggerError) -> Trigger {
    .after(nanoseconds: try DurationText.nanoseconds(seconds: seconds))
  }
}
