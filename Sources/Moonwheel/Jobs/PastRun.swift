import MoonwheelModel
import Triggers

/// One attempt of one run in the history of a job.
public struct PastRun: Sendable {
  /// All attempts of a run have the same id.
  public let id: Run.ID
  /// Counted from 1; more than 1 for a run that was tried again.
  public let attempt: Int
  /// The number of the run among the runs of its job, from 1.
  public let number: Int
  public let status: RunStatus
  /// The instant for which it was due.
  public let scheduledAt: Timestamp
  public let startedAt: Timestamp
  /// Nil while it is under way.
  public let endedAt: Timestamp?
  /// The time that it spent on a worker.
  public let processorTime: Duration
  /// The most bytes that its Lua state held meanwhile; nil where nobody measured it.
  public let peakMemory: Int?
  /// What the callback returned; `.nil` while it is under way and after a failure.
  public let result: Value
  /// Nil for a run that succeeded.
  public let failure: RunFailure?
  /// The first and the last lines that it printed and logged, up to a bound.
  public let log: [LogLine]
  /// The number of lines between them that are not kept.
  public let omittedLines: Int

  init(_ record: RunRecord) {
    id = record.run
    attempt = Int(record.attempt)
    number = Int(record.number)
    status = record.status
    scheduledAt = record.scheduledAt
    startedAt = record.startedAt
    endedAt = record.endedAt
    processorTime = .nanoseconds(record.processorTime)
    peakMemory = record.peakMemory > 0 ? Int(record.peakMemory) : nil
    result = record.result
    failure = record.failure
    log = record.log
    omittedLines = record.omittedLines
  }

  /// How late it started; never negative.
  public var lateness: Duration { max(.zero, startedAt - scheduledAt) }

  /// How long it took; nil while it is under way.
  public var duration: Duration? { endedAt.map { max(.zero, $0 - startedAt) } }
}
