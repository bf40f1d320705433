import MoonwheelModel
import SchedulerCore
import Triggers

/// A job of a running scheduler: what it was when the program asked, and what the program can tell it.
///
///     let report = try await scheduler.job("report")
///     let run = try await report.trigger(["day": "monday"])
///     print(try await run.result())
///
/// The properties are a snapshot and do not change; ``Scheduler/job(_:of:)`` takes a new one. The methods act on the job
/// that has this name when they are called, after any number of reloads. Any task may call them.
public struct Job: Sendable {
  /// Whether a job runs.
  public enum State: String, Sendable {
    /// Its trigger fires.
    case active
    case paused
    /// It was cancelled, and runs no more until it is resumed or its trigger changes.
    case cancelled
    /// Its trigger has no further fire.
    case finished
  }

  /// The name of the script: its path below the folder that was given.
  public let script: String
  public let name: String
  /// The trigger as the script wrote it: `every 10s`.
  public let trigger: String
  /// The trigger in words: `every 10 seconds`.
  public let words: String
  public let tags: [String]
  public let state: State
  /// Why the job is paused, was cancelled, or has ended; nil if nobody gave a reason.
  public let reason: String?
  /// The next fire; nil if there is none.
  public let nextFire: Timestamp?
  /// The last start of a run; nil if there was none.
  public let lastStart: Timestamp?
  /// How many runs have started since the job was first registered.
  public let runCount: Int
  /// How many runs are under way.
  public let runningCount: Int
  /// How many fires, events and promised runs wait for their turn.
  public let waitingCount: Int

  let scheduler: Scheduler

  init(_ snapshot: JobSnapshot, of script: String, in scheduler: Scheduler) {
    self.script = script
    self.scheduler = scheduler
    name = snapshot.name
    trigger = snapshot.trigger.text
    words = snapshot.trigger.words
    tags = snapshot.tags
    state =
      switch snapshot.status.state {
      case .active: .active
      case .paused: .paused
      case .cancelled: .cancelled
      case .finished: .finished
      }
    reason = snapshot.status.reason
    nextFire = snapshot.status.next
    lastStart = snapshot.status.lastStarted
    runCount = Int(snapshot.status.runs)
    runningCount = snapshot.status.running
    waitingCount = snapshot.status.waiting
  }
}
