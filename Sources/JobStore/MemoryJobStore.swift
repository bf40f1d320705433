import MoonwheelModel
import Synchronization
import Triggers

/// A store that ends with its process. Several threads may use it.
///
/// Besides the bounds of each job, it bounds the history of all jobs together, in rows and in bytes. A row takes some 400
/// bytes, and the memory of the run's log, result or error.
///
/// After ``close()`` it still has its content, and can be loaded again.
public final class MemoryJobStore: JobStore {
  private struct State {
    var rows: StoredRows
    var isOpen = false
  }

  private let state: Mutex<State>

  /// Keeps at most `historyLimit` runs, summaries and decisions of all jobs, and at most `historyBytes` of memory for
  /// them; evicts those that came first.
  public init(historyLimit: Int = 100_000, historyBytes: Int = 24 << 20) {
    state = Mutex(State(rows: StoredRows(historyLimit: historyLimit, byteLimit: historyBytes)))
  }

  public var isDurable: Bool { false }

  public func load() -> StoredState {
    state.withLock { state in
      state.isOpen = true
      return state.rows.loaded
    }
  }

  public func commit(_ changes: [StoreChange], isDurable: Bool) throws(StoreError) {
    try use { rows in
      for change in changes { rows.apply(change) }
    }
  }

  public func runs(_ query: RunQuery) throws(StoreError) -> [RunRecord] {
    try use { rows in rows.runs(query) }
  }

  public func summaries(_ query: RunQuery) throws(StoreError) -> [RunSummary] {
    try use { rows in rows.summaries(query) }
  }

  public func decisions(_ query: RunQuery) throws(StoreError) -> [Decision] {
    try use { rows in rows.decisions(query) }
  }

  public func jobs(script: String?, name: String?) throws(StoreError) -> [StoredJob] {
    try use { rows in rows.jobs(script: script, name: name) }
  }

  public func pendingRuns(of job: StoreKey) throws(StoreError) -> [PendingRun] {
    try use { rows in rows.pendingRuns(of: job) }
  }

  public func sources(of script: String) throws(StoreError) -> StoredSources? {
    try use { rows in rows.sources[script] }
  }

  public func prune(at now: Timestamp) throws(StoreError) -> Bool {
    try use { rows in rows.prune(at: now) }
  }

  public func close() {
    state.withLock { state in state.isOpen = false }
  }

  private func use<Result: Sendable>(
    _ body: (inout StoredRows) -> Result
  ) throws(StoreError) -> Result {
    let result: Result? = state.withLock { state in state.isOpen ? body(&state.rows) : nil }
    guard let result else { throw StoreError(.closed, "the store in memory is not loaded") }
    return result
  }
}
