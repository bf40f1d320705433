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
    if step.magnitude >= Self.leastStep.magnitude { effects.clockSteps.append(ClockStep(by: step)) }
    let shift = reading.offset &- armedOffset
    if hasWallTimers, shift.magnitude > Self.leastShift.magnitude { follow(shift, into: &effects) }
    let drift = reading.offset &- store.offset
    if drift.magnitude >= Self.leastStep.magnitude { tellStore(ofStep: drift, into: &effects) }
  }

  /// Sets what waits for the wall clock anew.
  private mutating func follow(_ shift: Int64, into effects: inout Effects) {
    armedOffset = clock.offset
    let clock = clock
    delays.reschedule(in: &wheel) { Tick(notBefore: clock.elapsed(at: $0)) }
    for index in jobs.indices where jobs[index].timer != .none && jobs[index].isOnWallTime {
      if shift.magnitude >= Self.leastStep.magnitude {
        recompute(index, after: shift, into: &effects)
      } else {
        _ = wheel.reschedule(jobs[index].timer, to: deadline(of: index))
      }
    }
  }

  private mutating func recompute(_ index: Int, after step: Int64, into effects: inout Effects) {
    guard case .time(let trigger) = jobs[index].trigger else {
      recomputeCustom(
        index, after: step, isCorrection: step.magnitude >= Self.border.magnitude, into: &effects)
      return
    }
    let now = clock.wall.nanoseconds
    guard step < 0 || !passOverHandled(index, into: &effects) else { return }
    let isSkipped = step > 0 && jobs[index].due <= now && (step >= Self.border || trigger.skipsGaps)
    let isRepeated =
      step < 0 && trigger.instants == nil && (step <= -Self.border || trigger.repeatsFolds)
    if isSkipped {
      skip(index, after: step, into: &effects)
      return
    }
    guard isRepeated else {
      _ = wheel.reschedule(jobs[index].timer, to: deadline(of: index))
      return
    }
    disarm(index)
    arm(index, due: firstInWindow(index), into: &effects)
  }

  /// The host began with a clock that was behind its store, and now the clock comes to where it was: the host before had
  /// handled what lies between. Whether nothing is left of what was skipped.
  private mutating func passOverHandled(_ index: Int, into effects: inout Effects) -> Bool {
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

  /// The clock was set past fires: a long way is as downtime, a short one as a gap in which a trigger does not fire.
  private mutating func skip(_ index: Int, after step: Int64, into effects: inout Effects) {
    let cause = "the clock was set forward by \(DurationText.format(step))"
    let due = jobs[index].due
    disarm(index)
    defer { writeStatus(index, into: &effects) }
    guard step < Self.border else {
      catchUp(index, from: due, cause: cause, into: &effects)
      return
    }
    let fires = passed(from: due, until: clock.wall.nanoseconds, of: index)
    settleInstants(of: index)
    decide(
      .missed, index, at: wall(fires.first, of: index), through: wall(fires.latest, of: index),
      count: fires.missed + 1, reason: "\(cause): skipped as in the gap of a spring change",
      into: &effects)
    arm(index, due: fires.next, into: &effects)
  }

  // MARK: What is stored

  /// Elapsed times are stored as wall times, which are others now; and no time of the past is later than now.
  private mutating func tellStore(ofStep step: Int64, into effects: inout Effects) {
    store.offset = clock.offset
    store.hasHandled = true
    for index in jobs.indices where isStored(index) {
      var isChanged = jobs[index].isTimed && !jobs[index].isOnWallTime
      if let since = jobs[index].extras?.since, since > clock.wall {
        settleInstants(of: index)
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

  /// Says that the store had been ahead of the clock, when all can hear it.
  mutating func tellAhead(into effects: inout Effects) {
    guard store.ahead >= Self.leastStep else { return }
    effects.clockSteps.append(ClockStep(by: -store.ahead, wasDown: true))
  }
}
