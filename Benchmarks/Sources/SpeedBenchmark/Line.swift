import BenchmarkSupport

/// One figure, for limit, ours and peers.
struct Line {
  var unit: String
  var limit: String
  var ours: String
  var ratio: String
  var promise: String
  var peers: String

  static let header = Line(
    unit: "work", limit: "limit", ours: "ours", ratio: "ratio", promise: "target", peers: "peers")

  var text: String {
    [
      pad("  " + unit, 32), pad(limit, 12), pad(ours, 12), pad(ratio, 8), pad(promise, 24), peers,
    ].joined(separator: " ")
  }

  static let markdownHeader =
    "| work | figure | limit | ours | ratio | target | peers |\n|---|---|---|---|---|---|---|"

  func markdown(_ work: String) -> String {
    "| " + [work, unit, limit, ours, ratio, promise, peers].joined(separator: " | ") + " |"
  }
}
