import MoonwheelModel
import Triggers

extension OptionReader {
  /// `from`, `till`, `times` and `jitter`: which instants of the trigger count, and how much later a fire may be.
  func window(_ options: TriggerOptions, for trigger: JobTrigger) throws(Mistake) -> FireWindow {
    var window = FireWindow()
    window.seed = options.seed
    let from = try bound("from", options)
    (window.from, window.fromText, window.fromAfter) = (from.at, from.text, from.after)
    let till = try bound("till", options)
    (window.till, window.tillText, window.tillAfter) = (till.at, till.text, till.after)
    window.times = try integer("times", 1...1_000_000_000).map(Int64.init)
    window.jitter = try jitter(for: trigger)
    guard !window.isOpen else { return window }
    guard trigger.isTimed else {
      throw Mistake("from, till, times and jitter go with a trigger of time")
    }
    guard case .time(let time) = trigger else { return window }
    try Self.refuseEmpty(window, time, options)
    return window
  }

  /// A default that the trigger cannot use is left out.
  private func jitter(for trigger: JobTrigger) throws(Mistake) -> Int64 {
    guard let value = self["jitter"] else { return 0 }
    let jitter = try LuaAPI.duration(value, "jitter")
    let isOwn = isOwn("jitter")
    guard trigger.isTimed else { return isOwn ? jitter : 0 }
    guard case .time(.every(let period, _)) = trigger, jitter >= period else { return jitter }
    guard isOwn else { return 0 }
    throw Mistake(
      "jitter must be shorter than the period of \(DurationText.format(period)), so that fires keep their order"
    )
  }

  /// Refuses a window in which no job can fire, independent of the present day: a script that loads today also loads
  /// tomorrow.
  private static func refuseEmpty(
    _ window: FireWindow, _ trigger: Trigger, _ options: TriggerOptions
  ) throws(Mistake) {
    let isOfAnyDay = window.fromText == nil && window.tillText == nil
    if isOfAnyDay, let from = window.from, let till = window.till, till < from {
      throw Mistake(
        "\(trigger.text) never fires: till (\(till.iso(in: options.zone))) is before from (\(from.iso(in: options.zone)))"
      )
    }
    guard let till = window.tillAfter, window.from == nil else { return }
    var first = window.fromAfter ?? 0
    if case .every(let period, _) = trigger, window.fromAfter == nil { first = period }
    if case .after(let delay, _) = trigger { first = delay }
    guard till < first else { return }
    throw Mistake(
      "\(trigger.text) never fires: its first fire is \(DurationText.format(first)) after the registration, and till is \(DurationText.format(till))"
    )
  }

  private struct Bound {
    var at: Timestamp?
    /// The text, if it depends on the present, as `"tomorrow 09:00"`.
    var text: String?
    /// Nanoseconds after the first registration.
    var after: Int64?
  }

  /// An instant, or a duration after the first registration.
  private func bound(_ name: String, _ options: TriggerOptions) throws(Mistake) -> Bound {
    guard let value = self[name] else { return Bound() }
    if let text = value.text, let length = Self.length(text) { return Bound(after: length) }
    return try instant(value, name, options)
  }

  private func instant(
    _ value: Value, _ name: String, _ options: TriggerOptions
  ) throws(Mistake) -> Bound {
    if let seconds = value.double {
      guard abs(seconds) < 9e9 else {
        throw Mistake("option \"\(name)\": \(value.described) is not a time in seconds since 1970")
      }
      guard abs(seconds) > Self.leastEpoch else {
        throw Mistake(
          "option \"\(name)\": \(value.described) is a time in seconds since 1970; for a length of time write a text, as in \"10m\""
        )
      }
      return Bound(at: Timestamp(nanoseconds: Int64((seconds * 1e9).rounded())))
    }
    let text = try value.read(
      "option \"\(name)\"", as: "a time like \"2026-12-24 18:00\"", \.text)
    do throws(TriggerError) {
      let point = try Timestamp.point(text, options, word: "option \"\(name)\":")
      return Bound(at: point.instant, text: point.isRelative ? text : nil)
    } catch {
      throw Mistake(error.message)
    }
  }

  /// Smaller numbers of seconds (three years) are probably meant as a duration.
  private static let leastEpoch = 1e8

  static func length(_ text: String) -> Int64? {
    do throws(TriggerError) { return try DurationText.parse(text) } catch { return nil }
  }
}
