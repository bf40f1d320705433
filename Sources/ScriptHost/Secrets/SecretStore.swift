import JobStore
import MoonwheelModel
import Triggers

/// The door of the store: each change goes through it. Values of `kv` are data of scripts, and stay as they are.
package final class SecretStore: JobStore {
  private let base: any JobStore
  private let secrets: GivenSecrets

  package init(_ base: any JobStore, _ secrets: GivenSecrets) {
    self.base = base
    self.secrets = secrets
  }

  package func commit(_ changes: [StoreChange], isDurable: Bool) throws(StoreError) {
    guard let mask = secrets.mask else {
      return try base.commit(changes, isDurable: isDurable)
    }
    try base.commit(changes.map { mask.masked($0) }, isDurable: isDurable)
  }

  package func perform(_ batch: KeyBatch) throws(StoreError) -> KeyOutcome {
    try base.perform(batch)
  }

  // MARK: What is read

  package var isDurable: Bool { base.isDurable }
  package var path: String? { base.path }

  package func load() throws(StoreError) -> StoredState { try base.load() }

  package func runs(_ query: RunQuery) throws(StoreError) -> [RunRecord] { try base.runs(query) }

  package func summaries(_ query: RunQuery) throws(StoreError) -> [RunSummary] {
    try base.summaries(query)
  }

  package func decisions(_ query: RunQuery) throws(StoreError) -> [Decision] {
    try base.decisions(query)
  }

  package func jobs(script: String?, name: String?) throws(StoreError) -> [StoredJob] {
    try base.jobs(script: script, name: name)
  }

  package func pendingRuns(of job: StoreKey) throws(StoreError) -> [PendingRun] {
    try base.pendingRuns(of: job)
  }

  package func sources(of script: String) throws(StoreError) -> StoredSources? {
    try base.sources(of: script)
  }

  package func generations(of script: String) throws(StoreError) -> [StoredGeneration] {
    try base.generations(of: script)
  }

  package func sources(
    of script: String, _ version: SourceVersion
  ) throws(StoreError) -> StoredSources? {
    try base.sources(of: script, version)
  }

  package func prune(at now: Timestamp) throws(StoreError) -> Bool { try base.prune(at: now) }

  package func close() { base.close() }
}
