import MoonwheelModel
import Testing

/// All combinations of overlap, catch-up, grace and retry, for a job every two seconds whose runs take three and a half
/// seconds. The first run fails. The job is paused from 8.75 s to 16.25 s. Times are nanoseconds.
///
/// A timeline has a character for each half second: `S` a run starts, `x` a fire is skipped, `m` a fire is missed, `g`
/// a fire is a misfire, `r` a run will be tried again.
struct PolicyCase: CustomTestStringConvertible {
  var overlap: Overlap
  var catchup: Catchup
  var grace: Int64?
  var retry: Int
  var timeline: String

  static let period: Int64 = 2_000_000_000
  static let duration: Int64 = 3_500_000_000
  static let pausedAt: Int64 = 8_750_000_000
  static let resumedAt: Int64 = 16_250_000_000
  static let end: Int64 = 24_250_000_000
  private static let slot: Int64 = 500_000_000

  var testDescription: String {
    "\(overlap), \(catchup), grace \(grace == nil ? "none" : "2"), retry \(retry)"
  }

  struct Happening {
    var at: Int64
    var name: String
    var count: Int64
    var reason: String

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

  /// The marks of one slot are sorted, since their order is not defined.
  static func timeline(of happenings: [Happening]) -> String {
    (0...(end / slot)).map { number in
      let marks = happenings.filter { $0.at / slot == number }.compactMap(\.mark).joined()
      return marks.isEmpty ? "." : marks.count == 1 ? marks : "(\(String(marks.sorted())))"
    }.joined()
  }

  static let all: [PolicyCase] = [
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
