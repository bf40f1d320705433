import MoonwheelModel
import Triggers

/// The option `restart`: a run that a crash or an eviction cut off starts again, until it has happened too often in a row.
extension SchedulerCore {
  /// Starts a run again that ended by no fault of its own. Returns true also if it gives the run up after too many
  /// crashes.
  mutating func restart(
    _ report: borrowing RunEnd, _ index: JobIndex, into effects: inout Effects
  ) -> Bool {
    guard var pending = tracked[report.run] else { return false }
    switch report.outcome {
    case .abandoned: pending.crashes += 1
    case .cancelled where isDraining: break  // the host stops, and the next host starts the run
    default: return false
    }
    guard jobs[index].policy.value.restart ?? (pending.kind != .fire) else { return false }
    guard !becomesDead(pending, index, into: &effects) else { return true }
    pending.status = .waiting
    // It was due when it started.
    pending.dueAt = min(pending.dueAt, clock.wall)
    if isStored(index) {
      write(.pendingRunStatus(pending.run, .waiting, crashes: pending.crashes), into: &effects)
    }
    if !isDraining {
      activate(pending, of: jobs[index].script, named: jobs[index].name, into: &effects)
    }
    return true
  }

  /// After this many crashes in a row the host does not start a pending run again.
  static let crashesUntilDead: Int32 = 3

  /// Gives up a pending run after too many crashes. Returns false if it may start again.
  mutating func becomesDead(
    _ pending: PendingRun, _ index: JobIndex, into effects: inout Effects
  ) -> Bool {
    guard pending.crashes >= Self.crashesUntilDead else { return false }
    var pending = pending
    pending.status = .dead
    dead[pending.run] = pending
    write(.pendingRunStatus(pending.run, .dead, crashes: pending.crashes), into: &effects)
    decide(
      .dead, index, at: pending.scheduledAt,
      reason: "cut off \(pending.crashes) times in a row; it is kept, but not started again",
      run: pending.run, into: &effects)
    return true
  }
}
