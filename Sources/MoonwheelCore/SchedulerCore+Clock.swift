import TimerWheel
import Triggers

/// The wall clock may be set while jobs wait for it. The rules are Vixie cron's, with its border of three hours:
///
///     forward, less     as a gap of the spring change: fixed times that were skipped fire once, at once; wildcards do not
///     forward, more     as downtime: what was skipped is missed
///     back, less        as a fold: fixed times do not fire twice; wildcards follow the wall clock
///     back, more        a correction: the new time is taken at once
///
/// Which of `gap` and `fold` a trigger was given decides what it counts as.
extension SchedulerCore {
  private static let border: Int64 = 3 * 3_600_000_000_000
  /// What is told as a step, and handled by these rules.
  private static let leastStep: Int64 = 1_000_000_000
  /// Less than this is slewing, which the next look at the clocks corrects.
  private static let leastShift: Int64 = 1_000_000

  /// Takes the time.
  mutating func observe(_ reading: ClockReading, into effects: inout Effects) {
    let step = reading.offset &- clock.offset
    clock = reading
    if abs(step) >= Self.leastStep { effects.clockSteps.append(step) }
    let shift = reading.offset &- armedOffset
    guard hasWallTimers, abs(shift) > Self.leastShift else { return }
    armedOffset = reading.offset
    let clock = clock
    delays.reschedule(in: &wheel) { Tick(notBefore: clock.elapsed(at: $0)) }
    for index in jobs.indices where jobs[index].timer != .none && jobs[index].isOnWallTime {
      if abs(shift) >= Self.leastStep {
        recompute(index, after: shift, into: &effects)
      } else {
        _ = wheel.reschedule(jobs[index].timer, to: deadline(of: index))
      }
    }
  }

  private mutating func recompute(_ index: Int, after step: Int64, into effects: inout Effects) {
    guard case .time(let trigger) = jobs[index].trigger else {
      recomputeCustom(index, after: step, isCorrection: abs(step) >= Self.border, into: &effects)
      return
    }
    let now = clock.wall.nanoseconds
    let isSkipped = step > 0 && jobs[index].due <= now && (step >= Self.border || trigger.skipsGaps)
    let isRepeated =
      step < 0 && trigger.instants == nil && (step <= -Self.border || trigger.repeatsFolds)
    if isSkipped {
      skip(index, after: step, into: &effects)
      return
    }
    if isRepeated, step <= -Self.border { jobs[index].anchor = min(jobs[index].anchor, now) }
    guard isRepeated else {
      _ = wheel.reschedule(jobs[index].timer, to: deadline(of: index))
      return
    }
    disarm(index)
    arm(index, due: instant(after: now, of: index), into: &effects)
  }

  /// The clock was set past fires: a long way is as downtime, a short one as a gap in which a trigger does not fire.
  private mutating func skip(_ index: Int, after step: Int64, into effects: inout Effects) {
    let cause = "the clock was set forward by \(DurationText.format(step))"
    let due = jobs[index].due
    disarm(index)
    guard step < Self.border else {
      catchUp(index, from: due, cause: cause, into: &effects)
      return
    }
    let fires = passed(from: due, until: clock.wall.nanoseconds, of: index)
    decide(
      .missed, index, at: wall(fires.first, of: index), through: wall(fires.latest, of: index),
      count: fires.missed + 1, reason: "\(cause): skipped as in the gap of a spring change",
      into: &effects)
    arm(index, due: fires.next, into: &effects)
  }
}
