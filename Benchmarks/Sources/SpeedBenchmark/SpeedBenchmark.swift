import BenchmarkSupport
import Glibc

/// Compares Moonwheel with the limit in C and with its peers: the same work for each, in short alternating rounds, each
/// in a process of its own. Prints medians, and the ratio of the medians.
///
///     SpeedBenchmark [ROW]... [--rounds N] [--no-peers] [--markdown] [--smoke]
///
/// A row is a name (`max`, `burst`), or a name with a size (`max:1000`). All are measured unless some are given.
@main
struct SpeedBenchmark {
  static func main() async throws {
    var arguments = Array(CommandLine.arguments.dropFirst())
    if arguments.first == "--ours" {
      let sizes = arguments.dropFirst(2).compactMap { Int($0) }
      print(json(try await Ours.measure(arguments[1], sizes)))
      return
    }
    var rounds = isSmoke ? 1 : 5
    if let place = arguments.firstIndex(of: "--rounds"), place + 1 < arguments.count {
      rounds = max(1, Int(arguments[place + 1]) ?? rounds)
      arguments.removeSubrange(place...place + 1)
    }
    arguments.removeAll { ["--smoke", "--no-peers", "--markdown"].contains($0) }
    let names = Set(arguments)
    let rows = Row.all.filter { row in
      names.isEmpty || names.contains(row.name)
        || names.contains(row.ours.prefix(2).joined(separator: ":"))
    }
    guard !rows.isEmpty else {
      print("no such row; there are: \(Set(Row.all.map(\.name)).sorted().joined(separator: " "))")
      exit(64)
    }
    let asMarkdown = CommandLine.arguments.contains("--markdown")
    print(asMarkdown ? Line.markdownHeader : Line.header.text)
    for row in rows {
      Run(row, rounds: rounds).show(asMarkdown: asMarkdown)
      fflush(nil)
    }
  }
}
