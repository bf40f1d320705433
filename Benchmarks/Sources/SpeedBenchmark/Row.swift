import BenchmarkSupport

/// A target for Moonwheel's figure.
enum Promise {
  /// At most this many times the limit.
  case times(Double)
  case atMost(Double)
  case atLeast(Double)
  /// Less than the peer of that name.
  case below(peer: String)

  /// Nil if the peer was not measured.
  func isMet(limit: Double?, ours: Double, peers: [String: Double]) -> Bool? {
    switch self {
    case .times(let most): limit.map { ours <= most * $0 } ?? false
    case .atMost(let most): ours <= most
    case .atLeast(let least): ours >= least
    case .below(let peer): peers[peer].map { ours < $0 }
    }
  }

  var text: String {
    switch self {
    case .times(let most): "\(rounded(most, 1)) x limit"
    case .atMost(let most): "<= \(shown(most))"
    case .atLeast(let least): ">= \(shown(least))"
    case .below(let peer): "below \(peer)"
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

/// How the figures are obtained.
enum Method {
  /// Each program prints its own figures.
  case told
  /// ``Outside`` measures the process; ours is the program that users run.
  case start, idle
  /// The same of ours; limit and peers print their own figures.
  case burst(Burst)
}

/// One or more lines of the table: the same work for limit, ours and peers.
struct Row {
  var name: String
  var work: String
  var method = Method.told
  /// Arguments of FireLimit.
  var limit: [String]?
  /// Arguments of ``Ours``; or the store, or name and size, for rows that ``Outside`` measures.
  var ours: [String]
  var columns: [Column]
  /// Arguments of the peers.
  var peers: [String]?
  /// Most rounds of limit and ours. Peers have fewer, because they need less precision.
  var rounds = Int.max
  var peerRounds = 1
}

/// The value as text, with about three digits.
func shown(_ value: Double) -> String {
  switch value.magnitude {
  case 1000...: grouped(Int(value.rounded()))
  case 100...: rounded(value, 0)
  case 10...: rounded(value, 1)
  default: rounded(value, 2)
  }
}

/// The number as text, with a comma before each group of three digits.
func grouped(_ number: Int) -> String {
  guard number.magnitude >= 1000 else { return "\(number)" }
  let rest = "\(1000 + number.magnitude % 1000)".dropFirst()
  return "\(grouped(number / 1000)),\(rest)"
}
