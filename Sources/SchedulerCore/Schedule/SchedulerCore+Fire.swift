import TimerWheel
import Triggers

extension SchedulerCore {
  /// A nominal instant on the job's clock, as wall time.
  func wall(_ instant: Int64, of index: Int) -> Timestamp {
    jobs[index].isOnWallTime ? Timestamp(nanoseconds: instant) : clock.wall(at: instant)
  }

  func deadline(of index: Int) -> Tick {
    let due = jobs[index].due.saturatingSum(jitter(of: index, at: jobs[index].due))
    return Tick(
      notBefore: jobs[index].isOnWallTime
        ? clock.elapsed(at: Timestamp(nanoseconds: due)) : due)
  }

  /// The present on the job's clock.
  func now(of index: Int) -> Int64 {
    jobs[index].isOnWallTime ? clock.wall.nanoseconds : clock.elapsed
  }

  /// The nominal instant strictly after another, or nil if there is none.
  func instant(after instant: Int64, of index: Int) -> Int64? {
    guard case .time(let trigger) = jobs[index].trigger else { return nil }
    return trigger.next(
      after: Timestamp(nanoseconds: instant), anchor: Timestamp(nanoseconds: jobs[index].anchor))?
      .nanoseconds
  }

  /// Sets the timer for an instant, or finishes the job. If `due` is nil, the core asks the job's trigger function for
  /// the instant after `last`; nil is now.
  mutating func arm(
    _ index: Int, due: Int64?, after last: Int64? = nil, into effects: inout Effects
  ) {
    guard let due, isInWindow(due, of: index) else {
      if due == nil, requestNextFire(of: index, after: last, into: &effects) { return }
      endJob(index, into: &effects)
      return
    }
    jobs[index].due = due
    jobs[index].isHeld = false
    if jobs[index].isOnWallTime {
      updateArmedOffset()
      wallTimers += 1
    }
    jobs[index].timer = wheel.insert(deadline: deadline(of: index), .job(index))
  }

  mutating func disarm(_ index: Int) {
    if jobs[index].isCustom { dropRequest(index) }
    guard jobs[index].timer != .none else { return }
    if wheel.cancel(jobs[index].timer) != nil, jobs[index].isOnWallTime { wallTimers -= 1 }
    jobs[index].timer = .none
    jobs[index].isHeld = jobs[index].isTimed
  }

  /// The timer of a job has expired.
  mutating func fire(_ index: Int, into effects: inout Effects) {
    guard !firePeriodic(index, into: &effects), !fireOneShot(index, into: &effects) else { return }
    jobs[index].timer = .none
    if jobs[index].isOnWallTime { wallTimers -= 1 }
    guard !isDraining else { return }
    let due = jobs[index].due
    if gathers(index) {
      startWaiting(index, into: &effects)
      return
    }
    let now = now(of: index).saturatingDifference(jitter(of: index, at: due))
    guard due <= now else {  // the wall clock was set back meanwhile
      arm(index, due: due, into: &effects)
      return
    }
    jobs[index].fires += 1
    store.hasHandled = true
    guard !jobs[index].hasFixedDelay else {
      _ = requestFire(at: wall(due, of: index), index, into: &effects)
      return
    }
    var fires = passed(from: due, until: now, of: index)
    guard fires.missed == 0 else {
      if catchup(of: index) == .all { fires = trimmedToWindow(fires, of: index, counted: 1) }
      catchUp(fires, index, cause: lateness(of: index), into: &effects)
      arm(index, due: fires.next, after: fires.latest, into: &effects)
      return
    }
    arm(index, due: fires.next, after: fires.latest, into: &effects)
    _ = requestFire(at: wall(fires.latest, of: index), index, into: &effects)
  }

  /// The common case of ``fire(_:into:)``: a period in elapsed time, less than a period late, whose run starts at once.
  /// Returns false, without an effect, in other cases.
  private mutating func firePeriodic(_ index: Int, into effects: inout Effects) -> Bool {
    guard jobs[index].isPeriodic, startsAtOnceWithoutInput(index) else { return false }
    let due = jobs[index].due
    let (next, overflow) = due.addingReportingOverflow(jobs[index].period)
    guard due <= clock.elapsed, next > clock.elapsed, !overflow else { return false }
    jobs[index].fires += 1
    store.hasHandled = true
    jobs[index].due = next
    jobs[index].isHeld = false
    jobs[index].timer = wheel.insert(deadline: Tick(notBefore: next), .job(index))
    startWithoutInput(newRun(), index, at: clock.wall(at: due), into: &effects)
    return true
  }

  /// The common case of ``fire(_:into:)`` for a job that fires once: the run starts, and the job is finished. Returns
  /// false, without an effect, in other cases.
  private mutating func fireOneShot(_ index: Int, into effects: inout Effects) -> Bool {
    guard jobs[index].isOneShot, startsAtOnceWithoutInput(index), jobs[index].due <= clock.elapsed,
      !interest.contains(.jobFinished)
    else { return false }
    jobs[index].timer = .none
    jobs[index].fires += 1
    store.hasHandled = true
    jobs[index].state = .finished
    writeStatus(index, into: &effects)
    startWithoutInput(newRun(), index, at: clock.wall(at: jobs[index].due), into: &effects)
    return true
  }

  /// True if a fire starts a run without input at once.
  @inline(__always)
  private func startsAtOnceWithoutInput(_ index: Int) -> Bool {
    jobs[index].running < jobs[index].instanceLimit && jobs[index].waiting == nil && !isDraining
      && (jobs[index].extras == nil || jobs[index].extras?.state == nil)
  }

  private func lateness(of index: Int) -> String {
    jobs[index].isOnWallTime
      ? "the host was late, or its clock was set forward, past the next fire"
      : "the host was late by a whole period"
  }

  /// Keeps an instant until the job is resumed.
  mutating func hold(_ index: Int, due: Int64) {
    jobs[index].due = due
    jobs[index].isHeld = true
  }
}
