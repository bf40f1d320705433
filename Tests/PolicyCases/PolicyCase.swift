import MoonwheelModel

/// One combination of overlap, catch-up, grace and retry, and what a job does under it.
///
/// The job fires every two seconds. A run takes three and a half seconds, and the first run fails. The job is paused
/// from 8.75 s to 16.25 s. Times are nanoseconds.
///
/// A timeline has one mark for each half second: `S` a run starts, `x` a fire is skipped, `m` a fire is missed (one `m`
/// each), `g` a fire misses its grace, `r` a failed run waits for its retry. Several marks stand in parentheses.
package struct PolicyCase: Sendable, CustomStringConvertible {
  package var overlap: Overlap
  package var catchup: Catchup
  package var grace: Int64?
  package var retry: Int
  package var timeline: String

  package static let period: Int64 = 2_000_000_000
  package static let duration: Int64 = 3_500_000_000
  package static let pausedAt: Int64 = 8_750_000_000
  package static let resumedAt: Int64 = 16_250_000_000
  package static let end: Int64 = 24_250_000_000
  private static let slot: Int64 = 500_000_000

  package var description: String {
    "\(overlap), \(catchup), grace \(grace == nil ? "none" : "2"), retry \(retry)"
  }

  /// An event about the job, as far as timelines show it.
  package struct Observation: Sendable {
    var at: Int64
    var name: String
    var count: Int64
    var reason: String

    package init(at: Int64, name: String, count: Int64, reason: String) {
      self.at = at
      self.name = name
      self.count = count
      self.reason = reason
    }

    fileprivate var mark: String? {
      switch name {
      case "run.started": "S"
      case "run.skipped": "x"
      case "run.retrying": "r"
      case "run.missed":
        reason.contains("grace") ? "g" : String(repeating: "m", count: Int(count))
      default: nil
      }
    }
  }

  /// Sorts the marks of one half second, because nothing promises the order of events at one instant.
  package static func timeline(of observations: [Observation]) -> String {
    (0...(end / slot)).map { number in
      let marks = observations.filter { $0.at / slot == number }.compactMap(\.mark).joined()
      return marks.isEmpty ? "." : marks.count == 1 ? marks : "(\(String(marks.sorted())))"
    }.joined()
  }

  package static let all: [PolicyCase] = [
    PolicyCase(
      overlap: .skip, catchup: .none, grace: nil, retry: 0,
      timeline: "....S...x...S...x...............(mmmm)...S...x...S...x"),
    PolicyCase(
      overlap: .skip, catchup: .none, grace: nil, retry: 1,
      timeline: "....S...x..rS...x..S............(mmmm)...S...x...S...x"),
    PolicyCase(
      overlap: .skip, catchup: .none, grace: 2_000_000_000, retry: 0,
      timeline: "....S...x...S...x...............(mmmm)...S...x...S...x"),
    PolicyCase(
      overlap: .skip, catchup: .none, grace: 2_000_000_000, retry: 1,
      timeline: "....S...x..rS...x..S............(mmmm)...S...x...S...x"),
    PolicyCase(
      overlap: .skip, catchup: .latest, grace: nil, retry: 0,
      timeline: "....S...x...S...x...............(Smmm)...x...S...x...S"),
    PolicyCase(
      overlap: .skip, catchup: .latest, grace: nil, retry: 1,
      timeline: "....S...x..rS...x..S............(Smmm)...x...S...x...S"),
    PolicyCase(
      overlap: .skip, catchup: .latest, grace: 2_000_000_000, retry: 0,
      timeline: "....S...x...S...x...............(Smmm)...x...S...x...S"),
    PolicyCase(
      overlap: .skip, catchup: .latest, grace: 2_000_000_000, retry: 1,
      timeline: "....S...x..rS...x..S............(Smmm)...x...S...x...S"),
    PolicyCase(
      overlap: .skip, catchup: .all, grace: nil, retry: 0,
      timeline: "....S...x...S...x...............S...x..Sx...x.S.x"),
    PolicyCase(
      overlap: .skip, catchup: .all, grace: nil, retry: 1,
      timeline: "....S...x..rS...x..S............S...x..Sx...x.S.x"),
    PolicyCase(
      overlap: .skip, catchup: .all, grace: 2_000_000_000, retry: 0,
      timeline: "....S...x...S...x...............(Sggg)...x...S...x...S"),
    PolicyCase(
      overlap: .skip, catchup: .all, grace: 2_000_000_000, retry: 1,
      timeline: "....S...x..rS...x..S............(Sggg)...x...S...x...S"),
    PolicyCase(
      overlap: .queue, catchup: .none, grace: nil, retry: 0,
      timeline: "....S......S....x...............(Smmmm)......S....x.S.."),
    PolicyCase(
      overlap: .queue, catchup: .none, grace: nil, retry: 1,
      timeline: "....S......(Sr)....x.S.............(Smmmm)......S....x.S.."),
    PolicyCase(
      overlap: .queue, catchup: .none, grace: 2_000_000_000, retry: 0,
      timeline: "....S......S....x...............(gmmmm)...S......S....x"),
    PolicyCase(
      overlap: .queue, catchup: .none, grace: 2_000_000_000, retry: 1,
      timeline: "....S......(Sr)....x.S.............(gmmmm)...S......S....x"),
    PolicyCase(
      overlap: .queue, catchup: .latest, grace: nil, retry: 0,
      timeline: "....S......S....x...............(Smmm)...x..S....x.S.."),
    PolicyCase(
      overlap: .queue, catchup: .latest, grace: nil, retry: 1,
      timeline: "....S......(Sr)....x.S.............(Smmm)...x..S....x.S.."),
    PolicyCase(
      overlap: .queue, catchup: .latest, grace: 2_000_000_000, retry: 0,
      timeline: "....S......S....x...............(Sgmmm)......S....x.g.S"),
    PolicyCase(
      overlap: .queue, catchup: .latest, grace: 2_000_000_000, retry: 1,
      timeline: "....S......(Sr)....x.S.............(Sgmmm)......S....x.g.S"),
    PolicyCase(
      overlap: .queue, catchup: .all, grace: nil, retry: 0,
      timeline: "....S......S....x...............S...x..Sx...x.S.x"),
    PolicyCase(
      overlap: .queue, catchup: .all, grace: nil, retry: 1,
      timeline: "....S......(Sr)....x.S.............S...x..Sx...x.S.x"),
    PolicyCase(
      overlap: .queue, catchup: .all, grace: 2_000_000_000, retry: 0,
      timeline: "....S......S....x...............(Sgggg)......S....x.g.S"),
    PolicyCase(
      overlap: .queue, catchup: .all, grace: 2_000_000_000, retry: 1,
      timeline: "....S......(Sr)....x.S.............(Sgggg)......S....x.g.S"),
    PolicyCase(
      overlap: .replace, catchup: .none, grace: nil, retry: 0,
      timeline: "....S...S...S...S...............(mmmm)...S...S...S...S"),
    PolicyCase(
      overlap: .replace, catchup: .none, grace: nil, retry: 1,
      timeline: "....S...S...S...S...............(mmmm)...S...S...S...S"),
    PolicyCase(
      overlap: .replace, catchup: .none, grace: 2_000_000_000, retry: 0,
      timeline: "....S...S...S...S...............(mmmm)...S...S...S...S"),
    PolicyCase(
      overlap: .replace, catchup: .none, grace: 2_000_000_000, retry: 1,
      timeline: "....S...S...S...S...............(mmmm)...S...S...S...S"),
    PolicyCase(
      overlap: .replace, catchup: .latest, grace: nil, retry: 0,
      timeline: "....S...S...S...S...............(Smmm)...S...S...S...S"),
    PolicyCase(
      overlap: .replace, catchup: .latest, grace: nil, retry: 1,
      timeline: "....S...S...S...S...............(Smmm)...S...S...S...S"),
    PolicyCase(
      overlap: .replace, catchup: .latest, grace: 2_000_000_000, retry: 0,
      timeline: "....S...S...S...S...............(Smmm)...S...S...S...S"),
    PolicyCase(
      overlap: .replace, catchup: .latest, grace: 2_000_000_000, retry: 1,
      timeline: "....S...S...S...S...............(Smmm)...S...S...S...S"),
    PolicyCase(
      overlap: .replace, catchup: .all, grace: nil, retry: 0,
      timeline: "....S...S...S...S...............S......Sx...x.S.x"),
    PolicyCase(
      overlap: .replace, catchup: .all, grace: nil, retry: 1,
      timeline: "....S...S...S...S...............S......Sx...x.S.x"),
    PolicyCase(
      overlap: .replace, catchup: .all, grace: 2_000_000_000, retry: 0,
      timeline: "....S...S...S...S...............(Sggg)...S...S...S...S"),
    PolicyCase(
      overlap: .replace, catchup: .all, grace: 2_000_000_000, retry: 1,
      timeline: "....S...S...S...S...............(Sggg)...S...S...S...S"),
    PolicyCase(
      overlap: .allow, catchup: .none, grace: nil, retry: 0,
      timeline: "....S...S...S...S...............(mmmm)...S...S...S...S"),
    PolicyCase(
      overlap: .allow, catchup: .none, grace: nil, retry: 1,
      timeline: "....S...S..rS..Sx...............(mmmm)...S...S...S...S"),
    PolicyCase(
      overlap: .allow, catchup: .none, grace: 2_000_000_000, retry: 0,
      timeline: "....S...S...S...S...............(mmmm)...S...S...S...S"),
    PolicyCase(
      overlap: .allow, catchup: .none, grace: 2_000_000_000, retry: 1,
      timeline: "....S...S..rS..Sx...............(mmmm)...S...S...S...S"),
    PolicyCase(
      overlap: .allow, catchup: .latest, grace: nil, retry: 0,
      timeline: "....S...S...S...S...............(Smmm)...S...S...S...S"),
    PolicyCase(
      overlap: .allow, catchup: .latest, grace: nil, retry: 1,
      timeline: "....S...S..rS..Sx...............(Smmm)...S...S...S...S"),
    PolicyCase(
      overlap: .allow, catchup: .latest, grace: 2_000_000_000, retry: 0,
      timeline: "....S...S...S...S...............(Smmm)...S...S...S...S"),
    PolicyCase(
      overlap: .allow, catchup: .latest, grace: 2_000_000_000, retry: 1,
      timeline: "....S...S..rS..Sx...............(Smmm)...S...S...S...S"),
    PolicyCase(
      overlap: .allow, catchup: .all, grace: nil, retry: 0,
      timeline: "....S...S...S...S...............S...S..Sx...S.S.x"),
    PolicyCase(
      overlap: .allow, catchup: .all, grace: nil, retry: 1,
      timeline: "....S...S..rS..Sx...............S...S..Sx...S.S.x"),
    PolicyCase(
      overlap: .allow, catchup: .all, grace: 2_000_000_000, retry: 0,
      timeline: "....S...S...S...S...............(Sggg)...S...S...S...S"),
    PolicyCase(
      overlap: .allow, catchup: .all, grace: 2_000_000_000, retry: 1,
      timeline: "....S...S..rS..Sx...............(Sggg)...S...S...S...S"),
  ]
}
