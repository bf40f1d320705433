import MoonwheelModel
import Triggers

extension Timestamp {
  /// Seconds since 1970 as a Lua number, which is exact to a quarter of a microsecond in this century.
  package var luaSeconds: Double { Double(nanoseconds) / 1e9 }
  package var luaValue: Value { .number(luaSeconds) }

  /// Rounded to the microsecond. Nil for a number that is not finite or outside the years 1685 to 2255.
  package init?(luaSeconds seconds: Double) {
    guard seconds.isFinite, abs(seconds) < 9e9 else { return nil }
    self.init(nanoseconds: Int64((seconds * 1e6).rounded()) * 1_000)
  }

  /// Reads a number of seconds. `what` names it in the message.
  package init(_ value: Value, _ what: String) throws(Mistake) {
    guard let seconds = value.double, let instant = Timestamp(luaSeconds: seconds) else {
      throw Mistake("\(what) takes a time in seconds since 1970, not \(value.described)")
    }
    self = instant
  }
}
