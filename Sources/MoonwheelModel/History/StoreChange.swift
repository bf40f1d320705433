import Triggers

/// One change of the store. A change has no effect if its row, or the job that the row belongs to, does not exist.
public enum StoreChange: Sendable, Hashable {
  /// Adds a job's row, or replaces the row with this key. The job's `run.state` stays.
  indirect case job(StoredJob)
  /// Sets the state of a job; `due` and `since` as in ``StoredJob``.
  case status(StoreKey, JobStatus.State, reason: String?, due: Timestamp?, since: Timestamp)
  /// Sets the counts of a job; the parameters as in ``StoredJob``.
  case counts(StoreKey, runs: Int64, fires: Int64, lastStarted: Timestamp?, due: Timestamp?)
  /// Sets a job's `run.state`; nil removes it.
  case state(StoreKey, Value)
  /// Records since when no script has the job; nil when a script has it again.
  case orphaned(StoreKey, Timestamp?)
  /// Gives everything that belongs to a job to another one, whose `run.state` it replaces, and deletes the job.
  case adopt(StoreKey, into: StoreKey)
  /// Deletes the job and everything that belongs to it.
  case forget(StoreKey)
  /// Adds a pending run, or replaces the one with this run id.
  indirect case pendingRun(PendingRun)
  case pendingRunStatus(Run.ID, PendingRun.Status, crashes: Int32)
  case pendingRunEnded(Run.ID)
  /// Records that a run is under way. `ended` replaces this record.
  indirect case began(RunRecord)
  indirect case ended(RunRecord)
  /// Sets ``RunRecord/ending`` of an attempt that has ended.
  case ending(Run.ID, attempt: Int32, String?)
  /// Adds something that is to be done after a run, or replaces what has its id.
  indirect case afterRun(AfterRunRequest)
  case afterRunDone(Int64)
  /// Adds a summary, or replaces the one with this job and ``RunSummary/from``.
  indirect case summary(RunSummary)
  /// Adds a decision, or replaces the one with this id.
  indirect case decision(Decision)
  /// More fires share the decision. `count` is the new total.
  case decisionGrew(Decision.ID, through: Timestamp, count: Int64)
  /// The host has handled every fire up to this time.
  case handled(through: Timestamp)
  /// Sets ``StoredState/seed``.
  case seed(UInt64)
  /// Replaces the last good version of a script, and keeps the ones before, up to ``StoredGeneration/limit``. An unchanged
  /// version keeps its time.
  indirect case sources(StoredSources)
  /// Lets all other scripts have no last good version.
  case forgetSources(except: Set<String>)
  /// Lets one script have no last good version.
  case forgetSourcesOf(String)
  /// Changes that are made all or none, and that nothing takes apart on the way: not a later change that replaces one of
  /// them, and not the bound of what a failing store keeps.
  indirect case together([StoreChange])
}
