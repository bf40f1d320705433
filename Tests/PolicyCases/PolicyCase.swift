import MoonwheelModel

/// One combination of overlap, catch-up, grace and retry, with what it makes of the same job. The core, the host and
/// the simulation run all of them.
///
/// The job fires every two seconds, its runs take three and a half, and the first of them fails. It is paused from
/// 8.75 s to 16.25 s. Times are nanoseconds.
package struct PolicyCase: CustomStringConvertible, Sendable {
  package var overlap: Overlap
  package var catchup: Catchup
  package var grace: Int64?
  package var retry: Int
  /// A character for each half second: `S` is a start, `x` a skipped fire, `m` a missed fire, `g` a misfire, `r` a
  /// retry. Several are in parentheses, sorted, since their order within an instant is not promised.
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

  /// A host event about the job.
  package struct Occurrence {
    fileprivate let at: Int64
    private let name: String
    private let count: Int64
    private let reason: String

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

  /// The timeline that the events of a job make.
  package static func timeline(of occurrences: [Occurrence]) -> String {
    (0...(end / slot)).map { number in
      let marks = occurrences.filter { $0.at / slot == number }.compactMap(\.mark).joined()
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
