import MoonwheelModel
import Triggers

/// The option `restart`: a run that a crash or an eviction cut off starts again, until it has happened too often in a row.
extension SchedulerCore {
  /// What follows the end of a run that may have to start again; nil if it does not start again.
  func restart(of pending: PendingRun, after outcome: Run.Outcome, _ index: JobIndex) -> Sequel? {
    var pending = pending
    switch outcome {
    case .abandoned: pending.crashes += 1
    // The host stops, and the next host starts the run.
    case .cancelled where isDraining && jobs[index].state != .cancelled: break
    default: return nil
    }
    guard jobs[index].policy.value.restart ?? (pending.kind != .fire) else { return nil }
    return pending.crashes >= PendingRun.crashesUntilDead ? .death(pending) : .restart(pending)
  }

  mutating func restart(_ pending: PendingRun, _ index: JobIndex, into effects: inout Effects) {
    var pending = pending
    pending.status = .waiting
    // It was due when it started.
    pending.dueAt = min(pending.dueAt, clock.wall)
    if isStored(index) {
      write(.pendingRunStatus(pending.run, .waiting, crashes: pending.crashes), into: &effects)
    }
    guard !isDraining else { return }
    activate(pending, of: jobs[index].script, named: jobs[index].name, into: &effects)
  }

  /// Gives up a pending run after too many crashes.
  mutating func die(_ pending: PendingRun, _ index: JobIndex, into effects: inout Effects) {
    var pending = pending
    pending.status = .dead
    dead[pending.run] = pending
    write(.pendingRunStatus(pending.run, .dead, crashes: pending.crashes), into: &effects)
    effects.tellEnd(of: pending, .abandoned(RunFailure(message: "cut off too often in a row")))
    let reason = "cut off \(pending.crashes) times in a row; it is kept, but not started again"
    decide(
      .dead, index, at: pending.scheduledAt, reason: reason, run: pending.run,
      attempt: pending.attempt, into: &effects)
    runFailureHook(
      pending.run, index, attempt: pending.attempt, number: jobs[index].runs,
      scheduledAt: pending.scheduledAt,
      RunFailure(message: reason).value(Decision.Kind.dead.rawValue), into: &effects)
  }
}

extension PendingRun {
  /// After this many crashes in a row the host does not start it again.
  static let crashesUntilDead: Int32 = 3
}
