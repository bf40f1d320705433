import Triggers

/// A snapshot of a job.
public struct JobStatus: Sendable, Hashable {
  public enum State: String, Sendable {
    case active
    case paused
    /// Cancelled by `cancel`, until the job is resumed or its trigger changes.
    case cancelled
    /// The trigger has no further fire.
    case finished
  }

  public var state: State
  public var next: Timestamp?
  public var lastStarted: Timestamp?
  public var runs: Int64
  public var running: Int
  public var waiting: Int
  /// The reason why the job is paused, was cancelled, or has ended.
  public var reason: String?
  /// The key of the job's row in the store.
  public var key = StoreKey.none

  package init(
    state: State, next: Timestamp?, lastStarted: Timestamp?, runs: Int64, running: Int,
    waiting: Int, reason: String?, key: StoreKey = .none
  ) {
    self.state = state
    self.next = next
    self.lastStarted = lastStarted
    self.runs = runs
    self.running = running
    self.waiting = waiting
    self.reason = reason
    self.key = key
  }
}
