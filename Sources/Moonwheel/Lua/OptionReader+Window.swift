import MoonwheelCore
import Triggers

extension OptionReader {
  /// `from`, `till`, `times` and `jitter`: which of the trigger's instants count, and how far after them a fire may be.
  func window(_ options: TriggerOptions, for trigger: JobTrigger) throws(Mistake) -> FireWindow {
    var window = FireWindow(seed: options.seed)
    window.from = try bound("from", options)
    if let text = self["till"]?.text, let length = Self.length(text) {
      window.tillAfter = length
    } else {
      window.till = try bound("till", options)
    }
    window.times = try integer("times", 1...1_000_000_000).map(Int64.init)
    if let jitter = self["jitter"] { window.jitter = try LuaAPI.duration(jitter, "jitter") }
    guard !window.isOpen else { return window }
    guard case .time(let time) = trigger else {
      throw Mistake("from, till, times and jitter go with a trigger of time")
    }
    if case .every(let period, _) = time, window.jitter >= period {
      throw Mistake(
        "jitter must be shorter than the period of \(DurationText.format(period)), so that fires keep their order"
      )
    }
    return window
  }

  private func bound(_ name: String, _ options: TriggerOptions) throws(Mistake) -> Timestamp? {
    guard let value = self[name] else { return nil }
    if let seconds = value.double {
      guard abs(seconds) < 9e9 else {
        throw Mistake("option \"\(name)\": \(value.described) is not a time in seconds since 1970")
      }
      return Timestamp(nanoseconds: Int64((seconds * 1e9).rounded()))
    }
    guard let text = value.text else {
      throw Mistake(
        "option \"\(name)\" must be a time like \"2026-12-24 18:00\", not \(value.described)")
    }
    do throws(TriggerError) {
      return try Timestamp(bound: text, options, registered: options.now)
    } catch {
      throw Mistake("option \"\(name)\": \(error.message)")
    }
  }

  private static func length(_ text: String) -> Int64? {
    do throws(TriggerError) { return try DurationText.parse(text) } catch { return nil }
  }
}
