import TimerWheel
import Triggers

/// A function that changes the core passes a copy of the whole core to one that does not (Swift 6.3.1). So what each fire
/// calls of the latter is inlined, and calls no other of them.
extension SchedulerCore {
  /// A nominal instant on the job's clock, as wall time.
  @inline(__always)
  func wall(_ instant: Int64, of index: JobIndex) -> Timestamp {
    jobs[index].options.contains(.wallTime)
      ? Timestamp(nanoseconds: instant) : clock.wall(at: instant)
  }

  @inline(__always)
  func deadline(of index: JobIndex) -> Tick {
    let due = jobs[index].due.saturatingSum(jitter(of: index, at: jobs[index].due))
    return Tick(
      notBefore: jobs[index].options.contains(.wallTime)
        ? clock.elapsed(at: Timestamp(nanoseconds: due)) : due)
  }

  /// The present on the job's clock.
  @inline(__always)
  func now(of index: JobIndex) -> Int64 {
    jobs[index].options.contains(.wallTime) ? clock.wall.nanoseconds : clock.elapsed
  }

  /// The nominal instant strictly after another, or nil if there is none.
  func instant(after instant: Int64, of index: JobIndex) -> Int64? {
    guard case .time(let trigger) = jobs[index].trigger else { return nil }
    return trigger.next(
      after: Timestamp(nanoseconds: instant), anchor: Timestamp(nanoseconds: jobs[index].anchor))?
      .nanoseconds
  }

  /// Sets the timer for an instant, or finishes the job. If `due` is nil, the core asks the job's trigger function for
  /// the instant after `last`; nil is now.
  mutating func arm(
    _ index: JobIndex, due: Int64?, after last: Int64? = nil, into effects: inout Effects
  ) {
    guard let due, isInWindow(due, of: index) else {
      if due == nil, requestNextFire(of: index, after: last, into: &effects) { return }
      endJob(index, into: &effects)
      return
    }
    jobs[index].due = due
    jobs[index].isHeld = false
    if jobs[index].options.contains(.wallTime) {
      updateArmedOffset()
      wallTimers += 1
    }
    jobs[index].timer = wheel.insert(deadline: deadline(of: index), .job(index))
  }

  mutating func disarm(_ index: JobIndex) {
    if jobs[index].schedule.isCustom { jobs[index].schedule = .custom(nil) }
    guard jobs[index].timer != .none else { return }
    if wheel.cancel(jobs[index].timer) != nil, jobs[index].options.contains(.wallTime) {
      wallTimers -= 1
    }
    jobs[index].timer = .none
    jobs[index].isHeld = jobs[index].schedule.isTimed
  }

  /// The timer of a job has expired.
  mutating func fire(_ index: JobIndex, into effects: inout Effects) {
    let schedule = jobs[index].schedule
    let isOnWallTime = jobs[index].options.contains(.wallTime)
    jobs[index].timer = .none
    if isOnWallTime { wallTimers -= 1 }
    guard !isDraining else { return }
    guard schedule.isTimed else {  // the debounce time of a handler is over
      startWaiting(index, into: &effects)
      return
    }
    let due = jobs[index].due
    let now = (isOnWallTime ? clock.wall.nanoseconds : clock.elapsed)
      .saturatingDifference(jitter(of: index, at: due))
    guard due <= now else {  // the wall clock was set back meanwhile
      arm(index, due: due, into: &effects)
      return
    }
    jobs[index].fires += 1
    store.hasHandled = true
    if !schedule.hasFixedDelay {
      let next = successor(of: due, index)
      if let next, next <= now {
        fireLate(index, from: due, until: now, into: &effects)
        return
      }
      arm(index, due: next, after: due, into: &effects)
    }
    let instant = isOnWallTime ? Timestamp(nanoseconds: due) : clock.wall(at: due)
    request(.fire(instant), index, into: &effects)
  }

  /// The instant that comes after one of the job's own instants; nil if there is none, or if only a run's end or the
  /// script knows it.
  @inline(__always)
  func successor(of due: Int64, _ index: JobIndex) -> Int64? {
    switch jobs[index].schedule {
    case .period(let period):
      let (next, overflow) = due.addingReportingOverflow(period)
      return overflow ? nil : next
    case .randomGap, .calendar: return instant(after: due, of: index)
    case .once, .delay, .custom, .event, .onDemand: return nil
    }
  }

  /// Fires of which one or more were missed, since the host is late by at least the time between two of them.
  private mutating func fireLate(
    _ index: JobIndex, from due: Int64, until now: Int64, into effects: inout Effects
  ) {
    var fires = passed(from: due, until: now, of: index)
    if catchup(of: index) == .all { fires = trimmedToWindow(fires, of: index, counted: 1) }
    catchUpLate(fires, index, cause: lateness(of: index), into: &effects)
    arm(index, due: fires.next, after: fires.latest, into: &effects)
  }

  private func lateness(of index: JobIndex) -> String {
    jobs[index].options.contains(.wallTime)
      ? "the host was late, or its clock was set forward, past the next fire"
      : "the host was late by a whole period"
  }

  /// Keeps an instant until the job is resumed.
  mutating func hold(_ index: JobIndex, due: Int64) {
    jobs[index].due = due
    jobs[index].isHeld = true
  }
}
