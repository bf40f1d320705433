import BenchmarkSupport

/// What Moonwheel is to reach.
enum Promise {
  /// So many times the limit, at most.
  case times(Double)
  case atMost(Double)
  case atLeast(Double)

  func isMet(limit: Double?, ours: Double) -> Bool {
    switch self {
    case .times(let most): limit.map { ours <= most * $0 } ?? false
    case .atMost(let most): ours <= most
    case .atLeast(let least): ours >= least
    }
  }

  var text: String {
    switch self {
    case .times(let most): "\(rounded(most, 1)) x limit"
    case .atMost(let most): "<= \(shown(most))"
    case .atLeast(let least): ">= \(shown(least))"
    }
  }
}

/// A figure of a measurement that the table shows.
struct Column {
  var figure: String
  var unit: String
  var promise: [Promise] = []
  var isMoreBetter = false
}

/// How the figures of a side are had.
enum Method {
  /// Each tells its own.
  case told
  /// From outside, as ``Outside`` does; our side is the program that users run.
  case start, idle
}

/// One line or several of the table: the same work on each side.
struct Row {
  var name: String
  var work: String
  var method = Method.told
  /// Arguments of FireLimit.
  var limit: [String]?
  /// Arguments of our own side: of ``Ours``, or where it is looked at from outside, the store.
  var ours: [String]
  var columns: [Column]
  /// Arguments of the peers.
  var peers: [String]?
  /// Measured as often at most; peers, which only have to be in sight, less often.
  var rounds = Int.max
  var peerRounds = 1
}

/// With three digits or so.
func shown(_ value: Double) -> String {
  switch value.magnitude {
  case 1000...: grouped(Int(value.rounded()))
  case 100...: rounded(value, 0)
  case 10...: rounded(value, 1)
  default: rounded(value, 2)
  }
}

/// With a comma before each three digits.
func grouped(_ number: Int) -> String {
  guard number.magnitude >= 1000 else { return "\(number)" }
  let rest = "\(1000 + number.magnitude % 1000)".dropFirst()
  return "\(grouped(number / 1000)),\(rest)"
}
