import Triggers

/// What can be asked about a job.
public struct JobStatus: Sendable, Hashable {
  public enum State: String, Sendable {
    case active
    case paused
    /// By `cancel`; holds until resumed, or until the trigger changes.
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
  /// Why it is paused, or was cancelled.
  public var reason: String?
  /// Its row in the store.
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
