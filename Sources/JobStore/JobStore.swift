import MoonwheelModel
import Triggers

/// Where jobs, promised runs, history and decisions are kept: what outlives a host.
///
/// ``load()`` comes first, once. ``commit(_:isDurable:)`` and the queries are called by one thread, the writer; only a
/// store that is opened for reading alone is used elsewhere. Two conformers: `MemoryJobStore` and `SQLiteJobStore`, which
/// pass the same suite, `JobStoreConformance`.
public protocol JobStore: AnyObject, Sendable {
  /// Whether what is committed outlives the process.
  var isDurable: Bool { get }

  /// What was kept. Makes or migrates what is there. Runs that were under way when the host ended are still `running`.
  func load() throws(StoreError) -> StoredState

  /// Makes all changes or none, in their order. With `isDurable`, what was changed survives a loss of power when this
  /// returns; without, it survives the end of the process.
  func commit(_ changes: [StoreChange], isDurable: Bool) throws(StoreError)

  /// Newest first: by nominal instant, run and attempt.
  func runs(_ query: RunQuery) throws(StoreError) -> [RunRecord]
  /// Newest first: by last instant, then by first.
  func summaries(_ query: RunQuery) throws(StoreError) -> [RunSummary]
  /// Newest first: by last instant, then by id.
  func decisions(_ query: RunQuery) throws(StoreError) -> [Decision]
  /// All jobs, or those of a name: of each script, or of one.
  func jobs(script: String?, name: String?) throws(StoreError) -> [StoredJob]
  /// Promised runs of a job that have not ended, oldest first.
  func pendingRuns(of job: StoreKey) throws(StoreError) -> [PendingRun]
  /// The last good version of a script; nil where none is kept.
  func sources(of script: String) throws(StoreError) -> StoredSources?

  /// Gives back what the history has beyond its bounds, in a small step; whether there may be more to do.
  ///
  /// Of a job with new rows since the store was loaded, these stay: the newest ``StoredJob/history`` runs that ended well and
  /// ``StoredJob/failures`` that did not, as many sums as the former and as many decisions as the latter. What is of a later
  /// time than `now`, since the clock has been set back, stays besides, and does not count: what comes now is the newest.
  func prune(at now: Timestamp) throws(StoreError) -> Bool

  func close()
}
