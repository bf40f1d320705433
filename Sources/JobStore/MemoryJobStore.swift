import MoonwheelModel
import Synchronization
import Triggers

/// A store that ends with its process. Several threads may use it.
///
/// Besides the bounds of each job, it bounds the history of all jobs together, in rows and in bytes. A row takes some 400
/// bytes, and the memory of the run's log, result or error.
///
/// After ``close()`` it still has its content, and can be loaded again.
package final class MemoryJobStore: JobStore {
  private struct State {
    var rows: StoredRows
    let keys = StoredKeys()
    var isOpen = false
  }

  private let state: Mutex<State>

  /// Keeps at most `historyLimit` runs, summaries and decisions of all jobs, and at most `historyBytes` of memory for
  /// them; evicts those that came first.
  package init(
    historyLimit: Int = Store.defaultHistoryLimit, historyBytes: Int = Store.defaultHistoryBytes
  ) {
    state = Mutex(State(rows: StoredRows(historyLimit: historyLimit, byteLimit: historyBytes)))
  }

  package var isDurable: Bool { false }

  package func load() -> StoredState {
    state.withLock { state in
      if !state.isOpen { state.rows.endResources() }
      state.isOpen = true
      return state.rows.loaded
    }
  }

  package func commit(_ changes: [StoreChange], isDurable: Bool) throws(StoreError) {
    try use { rows in
      for change in changes { rows.apply(change) }
    }
  }

  package func perform(_ batch: KeyBatch) throws(StoreError) -> KeyOutcome {
    let result: Result<KeyOutcome, any Error>? = state.withLock { state in
      state.isOpen ? Result { try KeyTransaction.perform(batch, on: state.keys) } : nil
    }
    guard let result else { throw Self.notLoaded }
    do { return try result.get() } catch { throw StoreError(.io, "the store in memory: \(error)") }
  }

  package func runs(_ query: RunQuery) throws(StoreError) -> [RunRecord] {
    try use { rows in rows.runs(query) }
  }

  package func summaries(_ query: RunQuery) throws(StoreError) -> [RunSummary] {
    try use { rows in rows.summaries(query) }
  }

  package func decisions(_ query: RunQuery) throws(StoreError) -> [Decision] {
    try use { rows in rows.decisions(query) }
  }

  package func jobs(script: String?, name: String?) throws(StoreError) -> [StoredJob] {
    try use { rows in rows.jobs(script: script, name: name) }
  }

  package func pendingRuns(of job: StoreKey) throws(StoreError) -> [PendingRun] {
    try use { rows in rows.pendingRuns(of: job) }
  }

  package func sources(of script: String) throws(StoreError) -> StoredSources? {
    try use { rows in rows.sources.current(of: script) }
  }

  package func generations(of script: String) throws(StoreError) -> [StoredGeneration] {
    try use { rows in rows.sources.generations(of: script) }
  }

  package func sources(
    of script: String, _ version: SourceVersion
  ) throws(StoreError) -> StoredSources? {
    try use { rows in rows.sources.sources(of: script, version) }
  }

  package func prune(at now: Timestamp) throws(StoreError) -> Bool {
    try use { rows in rows.prune(at: now) }
  }

  package func close() {
    state.withLock { state in state.isOpen = false }
  }

  private func use<Result: Sendable>(
    _ body: (inout StoredRows) -> Result
  ) throws(StoreError) -> Result {
    let result: Result? = state.withLock { state in state.isOpen ? body(&state.rows) : nil }
    guard let result else { throw Self.notLoaded }
    return result
  }

  private static var notLoaded: StoreError {
    StoreError(.closed, "the store in memory is not loaded")
  }
}
