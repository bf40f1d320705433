import MoonwheelModel
import Triggers

/// Keeps jobs, pending runs and history beyond the life of a host.
///
/// The host calls ``load()`` first, once. One thread, the writer, calls ``commit(_:isDurable:)``, ``perform(_:)`` and the
/// queries; only a store that is open for reading only is used elsewhere. `MemoryJobStore` and `SQLiteJobStore` conform, and
/// pass the tests of `JobStoreConformance`.
package protocol JobStore: AnyObject, Sendable {
  /// Whether committed changes outlive the process.
  var isDurable: Bool { get }
  /// The absolute path of its file; nil where it has none.
  var path: String? { get }

  /// Reads the state that a host starts with; makes or migrates the store first. Runs that were under way when the last
  /// host ended are still `running`.
  func load() throws(StoreError) -> StoredState

  /// Makes all changes or none, in their order. With `isDurable`, the changes survive a loss of power once this
  /// returns; without, they survive the end of the process.
  func commit(_ changes: [StoreChange], isDurable: Bool) throws(StoreError)

  /// Does commands on keys one after the other, all or none of them, and durably. Of a batch that only reads, changes
  /// nothing.
  func perform(_ batch: KeyBatch) throws(StoreError) -> KeyOutcome

  /// Newest first, by `scheduledAt`, run and attempt.
  func runs(_ query: RunQuery) throws(StoreError) -> [RunRecord]
  /// Newest first, by last instant, then by first.
  func summaries(_ query: RunQuery) throws(StoreError) -> [RunSummary]
  /// Newest first, by last instant, then by id.
  func decisions(_ query: RunQuery) throws(StoreError) -> [Decision]
  /// The jobs of that script and name; nil matches every one.
  func jobs(script: String?, name: String?) throws(StoreError) -> [StoredJob]
  /// The pending runs of a job, oldest first.
  func pendingRuns(of job: StoreKey) throws(StoreError) -> [PendingRun]
  /// The last good version of a script; nil if none is kept.
  func sources(of script: String) throws(StoreError) -> StoredSources?
  /// The versions of a script that are kept, newest first.
  func generations(of script: String) throws(StoreError) -> [StoredGeneration]
  /// The texts of one of them; nil if it is not kept.
  func sources(of script: String, _ version: SourceVersion) throws(StoreError) -> StoredSources?

  /// Removes some rows that exceed the bounds of the history. Returns whether there may be more to remove.
  ///
  /// Looks at jobs with new rows since the store was loaded. Of each, it keeps the newest ``StoredJob/history`` runs
  /// that succeeded and ``StoredJob/failures`` runs that did not, and as many summaries as the former and decisions as
  /// the latter. If the clock was set back, rows of a time after `now` also stay and do not count, so they do not push
  /// out new rows.
  func prune(at now: Timestamp) throws(StoreError) -> Bool

  func close()
}

extension JobStore {
  package var path: String? { nil }
}
