import BenchmarkSupport
import Glibc
import Moonwheel
import SQLiteJobStore

/// What it costs that jobs outlive their host: promises that are on the disk when they are acknowledged, history, and a
/// start with much to remember.
///
///     DurabilityBenchmark [--smoke]
@main
struct DurabilityBenchmark {
  static func main() async throws {
    try await Promises.measure()
    try await History.measure()
    try await Start.measure()
  }
}

/// A folder that goes with its object.
final class TemporaryFolder {
  let path: String

  /// Safe because the name outlives the call.
  init() {
    var name = Array("/tmp/moonwheel-bench-XXXXXX".utf8CString)
    let isMade = unsafe mkdtemp(&name) != nil
    precondition(isMade, "no folder: error \(errno)")
    path = String(decoding: name.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  var store: SQLiteJobStore { SQLiteJobStore(path: path + "/store.db") }

  deinit {
    for name in ["store.db", "store.db-wal", "store.db-shm", "store.db.lock"] {
      unsafe unlink("\(path)/\(name)")
    }
    unsafe rmdir(path)
  }
}
