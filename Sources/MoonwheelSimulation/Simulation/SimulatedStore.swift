import JobStore
import MoonwheelModel
import Triggers

/// The store of a simulated host. It says that it is durable: it keeps its contents over outages, but not after the
/// simulation.
final class SimulatedStore: JobStore {
  private let rows = MemoryJobStore()

  var isDurable: Bool { true }

  func load() throws(StoreError) -> StoredState { rows.load() }

  func commit(_ changes: [StoreChange], isDurable: Bool) throws(StoreError) {
    try rows.commit(changes, isDurable: isDurable)
  }

  func perform(_ batch: KeyBatch) throws(StoreError) -> KeyOutcome { try rows.perform(batch) }

  func runs(_ query: RunQuery) throws(StoreError) -> [RunRecord] { try rows.runs(query) }

  func summaries(_ query: RunQuery) throws(StoreError) -> [RunSummary] {
    try rows.summaries(query)
  }

  func decisions(_ query: RunQuery) throws(StoreError) -> [Decision] { try rows.decisions(query) }

  func jobs(script: String?, name: String?) throws(StoreError) -> [StoredJob] {
    try rows.jobs(script: script, name: name)
  }

  func pendingRuns(of job: StoreKey) throws(StoreError) -> [PendingRun] {
    try rows.pendingRuns(of: job)
  }

  func sources(of script: String) throws(StoreError) -> StoredSources? {
    try rows.sources(of: script)
  }

  func generations(of script: String) throws(StoreError) -> [StoredGeneration] {
    try rows.generations(of: script)
  }

  func sources(of script: String, _ version: SourceVersion) throws(StoreError) -> StoredSources? {
    try rows.sources(of: script, version)
  }

  func prune(at now: Timestamp) throws(StoreError) -> Bool { try rows.prune(at: now) }

  func close() { rows.close() }
}
