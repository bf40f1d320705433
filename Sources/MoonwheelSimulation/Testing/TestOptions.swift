import LuaRuntime
import MoonwheelModel
import ScriptHost
import SystemZones
import Triggers

/// The options of a test: zone, start, end and seed of its simulation.
struct TestOptions {
  /// The default start, in UTC, far from any change of the clocks.
  static let standardStart = Timestamp(seconds: 1_767_225_600)  // 2026-01-01 00:00

  var zone = Zone.utc
  var start = TestOptions.standardStart
  var end: Timestamp?
  var seed: UInt64 = 1

  private static let known = ["from", "till", "seed", "tz"]

  init() {}

  init(_ options: Value) throws(Mistake) {
    guard let pairs = options.pairs else {
      throw Mistake("the options must be a table with names")
    }
    for key in pairs.keys.compactMap({ $0.text ?? $0.described }).sorted()
    where !Self.known.contains(key) {
      let near = Spelling.nearest(to: key, in: Self.known)
      throw Mistake(
        "there is no option \"\(key)\"; "
          + (near.map { "did you mean \"\($0)\"?" }
            ?? "there are \(Self.known.joined(separator: ", "))"))
    }
    if let name = options["tz"] {
      guard let name = name.text else { throw Mistake("tz must be the name of a zone") }
      do { zone = try SystemZones.shared.zone(named: name) } catch { throw Mistake(error.message) }
    }
    if let from = options["from"] { start = try time(from, "from") }
    if let till = options["till"] { end = try time(till, "till") }
    if let end, end < start { throw Mistake("till is before from") }
    guard let seed = options["seed"] else { return }
    guard case .integer(let number) = seed, number >= 0 else {
      throw Mistake("seed must be a whole number, not \(seed.described)")
    }
    self.seed = UInt64(number)
  }

  /// Reads an instant: a text in the test's zone, or seconds since 1970.
  func time(_ value: Value, _ what: String, now: Timestamp? = nil) throws(Mistake) -> Timestamp {
    if let seconds = value.double {
      guard let time = Timestamp(luaSeconds: seconds) else {
        throw Mistake("\(what): \(value.described) is not a time in seconds since 1970")
      }
      return time
    }
    guard let text = value.text else {
      throw Mistake(
        "\(what) must be a time, as in \"2026-03-29 01:00\", or seconds since 1970, not \(value.described)"
      )
    }
    do {
      return try Timestamp(text, TriggerOptions(zone: zone, now: now ?? start), word: what)
    } catch {
      throw Mistake(error.message)
    }
  }
}
