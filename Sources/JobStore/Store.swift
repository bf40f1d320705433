/// Where a scheduler keeps jobs, promised runs and history.
///
///     Scheduler(configuration, store: .sqlite("jobs.db"))  // import SQLiteJobStore
///
/// Each scheduler needs a store of its own.
public struct Store: Sendable {
  package let make: @Sendable () -> any JobStore

  package init(_ make: @escaping @Sendable () -> any JobStore) { self.make = make }

  @usableFromInline package static let defaultHistoryLimit = 100_000
  @usableFromInline package static let defaultHistoryBytes = 24 << 20

  /// Keeps everything in memory, so nothing outlives the process.
  public static let memory = Store.memory()

  /// Keeps everything in memory.
  ///
  /// - Parameters:
  ///   - historyLimit: how many runs, sums and decisions of all jobs together are kept.
  ///   - historyBytes: how many bytes they may take.
  public static func memory(
    historyLimit: Int = Store.defaultHistoryLimit,
    historyBytes: Int = Store.defaultHistoryBytes
  ) -> Store {
    Store { MemoryJobStore(historyLimit: historyLimit, historyBytes: historyBytes) }
  }
}
