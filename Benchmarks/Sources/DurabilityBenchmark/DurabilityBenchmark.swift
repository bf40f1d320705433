import BenchmarkSupport
import Glibc
import Moonwheel
import SQLiteJobStore

/// What it costs that jobs outlive their host: promises that are on the disk when they are acknowledged, history, and a
/// start with much to remember.
///
///     DurabilityBenchmark [promises|history|start]... [--smoke]
@main
struct DurabilityBenchmark {
  static func main() async throws {
    if wants("promises") { try await Promises.measure() }
    if wants("history") { try await History.measure() }
    if wants("start") { try await Start.measure() }
  }

  /// All are measured unless some are named.
  private static func wants(_ part: String) -> Bool {
    let named = CommandLine.arguments.dropFirst().filter { $0 != "--smoke" }
    return named.isEmpty || named.contains(part)
  }
}

extension Folder {
  var store: SQLiteJobStore { SQLiteJobStore(path: path + "/store.db") }
}
