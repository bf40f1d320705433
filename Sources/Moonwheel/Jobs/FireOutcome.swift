import JobHistory
import MoonwheelModel
import Triggers

/// What became of one or more fires of a job in a row, and why.
public struct FireOutcome: Sendable {
  /// What became of a fire.
  public enum Kind: Sendable, Hashable {
    /// It became a run of this status.
    case ran(RunStatus)
    /// The job's policy refused it: overlap, a full queue, or `when`.
    case skipped
    /// The time passed while the host was down or asleep or the job was paused, or the clock was set past it.
    case missed
    /// The run would have started later than `grace` allows.
    case misfired
    /// One run stands for several fires.
    case coalesced
    /// A bound refused the run: memory, or the number of runs.
    case denied
    /// The job was cancelled, changed or removed while the fire waited for its turn.
    case dropped
    /// Crashes interrupted the run too often in a row; it does not start again.
    case dead
    /// The store has no record of it; the reason is the likely one.
    case unrecorded
  }

  public let kind: Kind
  /// The instant of the first fire.
  public let from: Timestamp
  /// The instant of the last fire.
  public let through: Timestamp
  /// The number of fires; 0 for an instant at which none is due.
  public let count: Int
  /// Why; for a run that did not succeed the error, and empty for one that did.
  public let reason: String
  /// The run that they became, that stands for them, or that was in their way.
  public let run: Run.ID?

  init(_ entry: Timeline.Entry) {
    switch entry {
    case .recorded(.run(let record)):
      self.init(
        .ran(record.status), record.scheduledAt, record.scheduledAt, 1,
        record.failure?.message ?? "", record.run)
    case .recorded(.summary(let summary)):
      self.init(.ran(.succeeded), summary.from, summary.through, Int(summary.count), "", nil)
    case .recorded(.decision(let decision)):
      self.init(
        Kind(decision.kind), decision.from, decision.through, Int(decision.count), decision.reason,
        decision.run)
    case .unrecorded(let from, let through, let count, let reason):
      self.init(.unrecorded, from, through, count, reason, nil)
    }
  }

  private init(
    _ kind: Kind, _ from: Timestamp, _ through: Timestamp, _ count: Int, _ reason: String,
    _ run: Run.ID?
  ) {
    self.kind = kind
    self.from = from
    self.through = through
    self.count = count
    self.reason = reason
    self.run = run
  }
}

extension FireOutcome.Kind {
  fileprivate init(_ kind: Decision.Kind) {
    self =
      switch kind {
      case .skipped: .skipped
      case .missed: .missed
      case .misfired: .misfired
      case .coalesced: .coalesced
      case .denied: .denied
      case .dropped: .dropped
      case .dead: .dead
      }
  }
}
