import Triggers

/// One change of what is stored. A change of a row that is not there changes nothing, and nor does what hangs on a job that
/// is not there.
public enum StoreChange: Sendable, Hashable {
  /// All of a job's row but its `run.state`; added, or replaced by key.
  indirect case job(StoredJob)
  /// `due` and `since` as in ``StoredJob``.
  case status(StoreKey, JobStatus.State, reason: String?, due: Timestamp?, since: Timestamp)
  case counts(StoreKey, runs: Int64, fires: Int64, lastStarted: Timestamp?, due: Timestamp?)
  /// Of `run.state`; nil takes it away.
  case state(StoreKey, Value)
  /// No script has the job any more; nil when one has it again.
  case orphaned(StoreKey, Timestamp?)
  /// The job and all that hangs on it.
  case forget(StoreKey)
  /// Added, or replaced by run.
  indirect case pendingRun(PendingRun)
  case pendingRunStatus(Run.ID, PendingRun.Status, crashes: Int32)
  case pendingRunEnded(Run.ID)
  /// A run is under way; its end replaces this.
  indirect case began(RunRecord)
  indirect case ended(RunRecord)
  /// Added, or replaced by job and ``RunSummary/from``.
  indirect case summary(RunSummary)
  /// Added, or replaced by id.
  indirect case decision(Decision)
  /// More of the same: the count of all.
  case decisionGrew(Decision.ID, through: Timestamp, count: Int64)
  /// Every fire up to here was handled.
  case handled(through: Timestamp)
  case seed(UInt64)
  /// The last good version of a script, instead of the one before; the same version keeps its time.
  indirect case sources(StoredSources)
  /// Versions of no other scripts are kept any longer.
  case forgetSources(except: Set<String>)
  /// The last good version of one script.
  case forgetSourcesOf(String)
}
