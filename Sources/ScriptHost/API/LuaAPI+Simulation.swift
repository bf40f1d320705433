import LuaRuntime
import MoonwheelModel
import Triggers

extension LuaAPI {
  /// The base of `os` and `math` in a simulation.
  package static let simulation: [HostFunction] = [
    function("seed") { (call) throws(Mistake) in
      .value(.integer(Int64(bitPattern: call.isolate.randomSeed)))
    },
    function("cpu_time") { (call) throws(Mistake) in
      .value(.number(Double(call.isolate.workTime) / 1e9))
    },
    function("local_time", ["time", "is_utc"]) { (call) throws(Mistake) in
      guard case .integer(let seconds) = call[0] else {
        throw Mistake("the time must be a whole number of seconds, not \(call[0].described)")
      }
      let zone = call[1] == true ? Zone.utc : call.isolate.environment.zone
      return .value(fields(of: Timestamp(seconds: seconds), in: zone))
    },
    function("instant", ["date"]) { (call) throws(Mistake) in
      let local = LocalTime(
        year: try field("year", of: call[0]), month: try field("month", of: call[0]),
        day: try field("day", of: call[0]), hour: try field("hour", of: call[0], otherwise: 12),
        minute: try field("min", of: call[0], otherwise: 0),
        second: try field("sec", of: call[0], otherwise: 0))
      return .value(.integer(instant(of: local, in: call.isolate.environment.zone).seconds))
    },
  ]

  private static func field(
    _ name: String, of date: Value, otherwise: Int? = nil
  ) throws(Mistake) -> Int {
    let value = date[name] ?? .nil
    if value.isNil, let otherwise { return otherwise }
    let number: Int64? =
      switch value {
      case .integer(let integer): integer
      case .number(let number) where number == number.rounded() && abs(number) < 1e9: Int64(number)
      case .string(let text): Int64(text)
      default: nil
      }
    guard let number else { throw Mistake("field '\(name)' is not an integer") }
    guard number.magnitude < 100_000_000 else { throw Mistake("field '\(name)' is out-of-bound") }
    return Int(number)
  }

  /// As `mktime`: a skipped local time uses the offset before the change; a repeated one means its first instant.
  private static func instant(of local: LocalTime, in zone: Zone) -> Timestamp {
    switch zone.instants(of: local) {
    case .one(let instant), .fold(let instant, _): instant
    case .gap(let change):
      Timestamp(seconds: local.secondsSince1970 - Int64(change.offsetBefore))
    }
  }

  private static func fields(of instant: Timestamp, in zone: Zone) -> Value {
    let local = zone.localTime(of: instant)
    let date = local.date
    return [
      "year": .integer(Int64(date.year)), "month": .integer(Int64(date.month)),
      "day": .integer(Int64(date.day)), "hour": .integer(Int64(local.hour)),
      "min": .integer(Int64(local.minute)), "sec": .integer(Int64(local.second)),
      "wday": .integer(Int64(date.weekday + 1)), "yday": .integer(local.dayOfYear),
      "isdst": .bool(zone.isSummer(at: instant)),
    ]
  }
}

extension Zone {
  /// Whether the offset is larger than at some time within a year. This is summer time, except where a law names it
  /// otherwise.
  fileprivate func isSummer(at instant: Timestamp) -> Bool {
    var least = offset(at: instant)
    let own = least
    var at = instant
    for _ in 0..<2 {
      guard let change = nextTransition(after: at),
        at.distance(to: change.at) < 366 * 86_400_000_000_000
      else { break }
      least = min(least, change.offsetAfter)
      at = change.at
    }
    return own > least
  }
}

extension ScriptIsolate {
  /// The seed of `math.random`; it differs per script and per private isolate.
  fileprivate var randomSeed: UInt64 {
    let run = privateRun?.waiting?.run.rawValue ?? 0
    return name.utf8.reduce(environment.seed ^ run &* 0x9E37_79B9_7F4A_7C15 ^ 0xCBF2_9CE4_8422_2325)
    {
      ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3
    }
  }

  /// Virtual processor time of the isolate, in nanoseconds.
  fileprivate var workTime: Int64 { (isolate?.workDone ?? 0) * InstructionMeter.instruction }
}
