import TimerWheel
import Triggers

/// Steps of the wall clock while jobs wait for a wall time. The rules are Vixie cron's, with its limit of three hours:
///
///     forward, less     as a gap of the spring change: fixed times that were skipped fire once, at once; wildcards do not
///     forward, more     as downtime: what was skipped is missed
///     back, less        as a fold: fixed times do not fire twice; wildcards follow the wall clock
///     back, more        a correction: the new time holds at once
///
/// The trigger's options `gap` and `fold` determine whether it counts as a fixed time or as a wildcard. The instants of a
/// trigger function are fixed times.
extension SchedulerCore {
  private static let border: Int64 = 3 * 3_600_000_000_000
  /// The smallest change of the clock that is published as a step and handled by these rules.
  private static let leastStep: Int64 = 1_000_000_000
  /// Smaller changes are slewing. The next reading of the clocks corrects them.
  private static let leastShift: Int64 = 1_000_000

  /// Sets the core's time, and handles a step of the wall clock.
  mutating func observe(_ reading: ClockReading, into effects: inout Effects) {
    let step = reading.offset &- clock.offset
    clock = reading
    if step.magnitude >= Self.leastStep.magnitude { effects.clockSteps.append(ClockStep(by: step)) }
    let shift = reading.offset &- armedOffset
    if hasWallTimers, shift.magnitude > Self.leastShift.magnitude {
      rearmWallTimers(after: shift, into: &effects)
    }
    let drift = reading.offset &- store.offset
    if drift.magnitude >= Self.leastStep.magnitude { writeClockStep(drift, into: &effects) }
  }

  /// Sets all timers for wall times again.
  private mutating func rearmWallTimers(after shift: Int64, into effects: inout Effects) {
    armedOffset = clock.offset
    let clock = clock
    delays.reschedule(in: &wheel) { Tick(notBefore: clock.elapsed(at: $0)) }
    for index in jobs.indices
    where jobs[index].timer != .none && jobs[index].options.contains(.wallTime) {
      if shift.magnitude >= Self.leastStep.magnitude {
        recompute(index, after: shift, into: &effects)
      } else {
        _ = wheel.reschedule(jobs[index].timer, to: deadline(of: index))
      }
    }
  }

  private mutating func recompute(_ index: JobIndex, after step: Int64, into effects: inout Effects)
  {
    guard step < 0 || !passOverHandled(index, into: &effects) else { return }
    let isCorrection = step.magnitude >= Self.border.magnitude
    let trigger: Trigger? =
      if case .time(let trigger) = jobs[index].trigger { trigger } else { nil }
    let isPassed = step > 0 && jobs[index].due <= clock.wall.nanoseconds
    let comesAgain = step < 0 && trigger?.instants == nil
    if isPassed, isCorrection || trigger?.skipsGaps == true {
      skip(index, after: step, into: &effects)
    } else if comesAgain, isCorrection || trigger?.repeatsFolds == true {
      disarm(index)
      arm(index, due: firstInWindow(index), into: &effects)
    } else {
      _ = wheel.reschedule(jobs[index].timer, to: deadline(of: index))
    }
  }

  /// The host started with a clock behind its store, and the clock was now set forward. Passes over the instants that
  /// the previous host had handled. Returns true if no other instant was skipped.
  private mutating func passOverHandled(_ index: JobIndex, into effects: inout Effects) -> Bool {
    guard let ahead = store.handledAhead?.nanoseconds, jobs[index].due <= ahead else {
      return false
    }
    let now = clock.wall.nanoseconds
    guard jobs[index].due <= now, let next = instant(after: min(ahead, now), of: index) else {
      return false
    }
    disarm(index)
    arm(index, due: next, into: &effects)
    return next > now
  }

  /// The clock was set past fires. A long step counts as downtime, a short one as a gap in which the trigger does not
  /// fire.
  private mutating func skip(_ index: JobIndex, after step: Int64, into effects: inout Effects) {
    let cause = "the clock was set forward by \(DurationText.format(step))"
    let due = jobs[index].due
    disarm(index)
    defer { writeStatus(index, into: &effects) }
    guard step < Self.border else {
      catchUp(index, from: due, cause: cause, isLoss: true, into: &effects)
      return
    }
    let fires = passed(from: due, until: clock.wall.nanoseconds, of: index)
    markInstantsHandled(of: index)
    decide(
      .missed, index, at: wall(fires.first, of: index), through: wall(fires.latest, of: index),
      count: fires.missed + 1, reason: "\(cause): skipped as in the gap of a spring change",
      into: &effects)
    arm(index, due: fires.next, into: &effects)
  }

  // MARK: The store

  /// Writes the rows that a step changes: elapsed times, which are stored as wall times, and past times that are later
  /// than now.
  private mutating func writeClockStep(_ step: Int64, into effects: inout Effects) {
    store.offset = clock.offset
    store.hasHandled = true
    for index in jobs.indices where isStored(index) {
      var isChanged = jobs[index].schedule.isTimed && !jobs[index].options.contains(.wallTime)
      if let since = jobs[index].extras?.since, since > clock.wall {
        markInstantsHandled(of: index)
        isChanged = true
      }
      if jobs[index].registered > clock.wall {
        jobs[index].registered = min(jobs[index].registered.advanced(by: step), clock.wall)
        isChanged = true
      }
      if isChanged { writeRow(index, into: &effects) }
    }
    for pending in delays.shift(by: step) where pending.job != .none {
      write(.pendingRun(pending), into: &effects)
    }
  }

  /// Publishes that the store was ahead of the clock, once all scripts are loaded and can handle the event.
  mutating func reportStoreAhead(into effects: inout Effects) {
    guard store.ahead >= Self.leastStep else { return }
    effects.clockSteps.append(ClockStep(by: -store.ahead, wasDown: true))
  }
}
