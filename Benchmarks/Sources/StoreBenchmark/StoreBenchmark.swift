import BenchmarkSupport
import Glibc
import MoonwheelModel
import SQLiteJobStore

/// The cost of the store in a file compared with SQLite alone, and the time to load a big one.
///
///     StoreBenchmark [--smoke] [FOLDER]
///
/// The folder, by default `/tmp`, is on the disk that is measured.
@main
struct StoreBenchmark {
  static let folder = CommandLine.arguments.dropFirst().first { !$0.hasPrefix("-") } ?? "/tmp"
  static let rounds = isSmoke ? 1 : 3

  static func main() throws {
    print("rows a second, medians of \(rounds) rounds; in parentheses what SQLite alone does")
    print(pad("", 26), pad("promised", 28), "promised, started, ended")
    for isDurable in [false, true] {
      for batch: UInt64 in [1, 10, 100, 1_000] { try compare(batch, isDurable) }
    }
    try BigStore.measure(at: try emptyStore())
  }

  // MARK: Rows

  private static func compare(_ batch: UInt64, _ isDurable: Bool) throws {
    let count = isSmoke ? max(batch, 20) : batch == 1 ? 1_000 : batch == 10 ? 5_000 : 30_000
    var promised: [Double] = []
    var lives: [Double] = []
    var barePromised: [Double] = []
    var bareLives: [Double] = []
    for round in 0..<rounds {
      // Alternate which store goes first.
      let order = round % 2 == 0 ? [true, false] : [false, true]
      for isBare in order {
        let path = try emptyStore()
        let (promises, lifes) =
          isBare
          ? bareRates(path, batch, count, isDurable) : try rates(path, batch, count, isDurable)
        if isBare {
          barePromised.append(promises)
          bareLives.append(lifes)
        } else {
          promised.append(promises)
          lives.append(lifes)
        }
      }
    }
    let name = "\(isDurable ? "durable" : "not durable"), batches of \(batch)"
    print(
      pad(name, 26), pad(cell(promised, barePromised), 28), cell(lives, bareLives))
  }

  private static func cell(_ ours: [Double], _ bare: [Double]) -> String {
    let ratio = median(ours) / median(bare)
    return "\(rounded(median(ours), 0)) (\(rounded(median(bare), 0))): \(rounded(ratio))"
  }

  /// Rows a second: of promises that are stored, and of whole lives (stored, started, ended).
  private static func rates(
    _ path: String, _ batch: UInt64, _ count: UInt64, _ isDurable: Bool
  ) throws -> (Double, Double) {
    let store = SQLiteJobStore(path: path)
    _ = try store.load()
    defer { store.close() }
    let promises = try time(batch, 1..<count + 1) { runs in
      try store.commit(runs.map { .pendingRun(promise($0)) }, isDurable: isDurable)
    }
    let starts = try time(batch, 1..<count + 1) { runs in
      let changes = runs.flatMap { run -> [StoreChange] in
        let started = StoreChange.pendingRunStatus(Run.ID(rawValue: run), .running, crashes: 0)
        return [started, .began(record(run, .running))]
      }
      try store.commit(changes, isDurable: isDurable)
    }
    let ends = try time(batch, 1..<count + 1) { runs in
      let changes = runs.flatMap { run -> [StoreChange] in
        [.ended(record(run, .succeeded)), .pendingRunEnded(Run.ID(rawValue: run))]
      }
      try store.commit(changes, isDurable: isDurable)
    }
    return (Double(count) / promises, Double(count) / (promises + starts + ends))
  }

  private static func bareRates(
    _ path: String, _ batch: UInt64, _ count: UInt64, _ isDurable: Bool
  ) -> (Double, Double) {
    let store = BareStore(path, isDurable: isDurable)
    defer { store.close() }
    let promises = time(batch, 1..<count + 1) { store.addPromises($0) }
    let starts = time(batch, 1..<count + 1) { store.startRuns($0) }
    let ends = time(batch, 1..<count + 1) { store.endRuns($0) }
    return (Double(count) / promises, Double(count) / (promises + starts + ends))
  }

  /// The seconds that the rows take in batches.
  private static func time<E: Error>(
    _ batch: UInt64, _ runs: Range<UInt64>, _ body: (Range<UInt64>) throws(E) -> Void
  ) throws(E) -> Double {
    let before = Process.monotonicTime()
    for start in stride(from: runs.lowerBound, to: runs.upperBound, by: Int(batch)) {
      try body(start..<min(start + batch, runs.upperBound))
    }
    return Double(Process.monotonicTime() - before) / 1e9
  }

  /// Makes a new file with the tables of a store, and one job.
  private static func emptyStore() throws -> String {
    let path = "\(folder)/moonwheel-store-benchmark-\(getpid()).db"
    for suffix in ["", "-wal", "-shm", ".lock"] { unsafe unlink(path + suffix) }
    let store = SQLiteJobStore(path: path)
    _ = try store.load()
    try store.commit([.job(job(1))], isDurable: true)
    store.close()
    return path
  }
}
