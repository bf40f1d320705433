import MoonwheelModel
import Triggers

extension Timestamp {
  /// As scripts see it. A number of Lua is exact to a quarter of a microsecond in this century.
  package var luaSeconds: Double { Double(nanoseconds) / 1e9 }

  /// To the microsecond; nil for what is no number, or outside of the years 1685 to 2255.
  package init?(luaSeconds seconds: Double) {
    guard seconds.isFinite, abs(seconds) < 9e9 else { return nil }
    self.init(nanoseconds: Int64((seconds * 1e6).rounded()) * 1_000)
  }

  /// A number that a script gave.
  package init(_ value: Value, _ what: String) throws(Mistake) {
    guard let seconds = value.double, let instant = Timestamp(luaSeconds: seconds) else {
      throw Mistake("\(what) takes a time in seconds since 1970, not \(value.described)")
    }
    self = instant
  }
}
