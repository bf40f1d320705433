import BenchmarkSupport
import Glibc
import Moonwheel
import SQLiteJobStore

/// The cost of durability: promises and keys that are on the disk before they are acknowledged, history, and a start
/// with a large store.
///
///     DurabilityBenchmark [promises|keys|history|start]... [--smoke]
@main
struct DurabilityBenchmark {
  static func main() async throws {
    if wants("promises") { try await Promises.measure() }
    if wants("keys") { try await Keys.measure() }
    if wants("history") { try await History.measure() }
    if wants("start") { try await Start.measure() }
  }

  /// Runs the named measurements; all if none is named.
  private static func wants(_ part: String) -> Bool {
    let named = CommandLine.arguments.dropFirst().filter { $0 != "--smoke" }
    return named.isEmpty || named.contains(part)
  }
}

extension Folder {
  var store: SQLiteJobStore { SQLiteJobStore(path: path + "/store.db") }
}
