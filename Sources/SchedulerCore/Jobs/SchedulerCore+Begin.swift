import MoonwheelModel
import TimerWheel
import Triggers

/// The time from which a job's instants count: its registration, or the last change of its trigger or its window.
extension SchedulerCore {
  /// Starts the schedule of a job that is new or has a new trigger.
  mutating func begin(_ index: JobIndex, into effects: inout Effects) {
    let policy = jobs[index].policy.value
    jobs[index].anchor = now(of: index)
    jobs[index].registered = clock.wall
    jobs[index].extras?.since = nil
    jobs[index].state = policy.paused ? .paused : .active
    jobs[index].isHeld = false
    jobs[index].extras?.reason = nil
    if policy.paused { makeExtras(of: index).reason = JobHold.pausedOption }
    if let state = policy.state, jobs[index].extras?.state == nil {
      makeExtras(of: index).setState(state, jobs[index].policy.hold)
    }
    switch jobs[index].trigger {
    case .onDemand: break
    case .event(let pattern):
      if !policy.paused { subscribe(index, pattern, into: &effects) }
    case .time, .custom:
      guard !policy.paused, !isPaused(jobs[index].script) else { break }
      if policy.now, !isDraining { request(.fire(clock.wall), index, into: &effects) }
      if !jobs[index].isDelayed { armFirst(index, into: &effects) }
    }
  }

  private mutating func armFirst(_ index: JobIndex, into effects: inout Effects) {
    let isAtStart = if case .time(.reboot) = jobs[index].trigger { true } else { false }
    let first = isAtStart ? jobs[index].anchor : firstInWindow(index)
    if first == nil, jobs[index].options.contains(.wallTime),
      case .time(let trigger) = jobs[index].trigger
    {
      decide(
        .missed, index, at: trigger.instants?.at.last ?? clock.wall,
        reason: "its time was past when it was first registered", into: &effects)
    }
    arm(index, due: first, into: &effects)
  }

  /// The job's anchor, moved back by whole periods if it is later than now.
  func pastAnchor(of index: JobIndex) -> Int64 {
    let now = now(of: index)
    guard jobs[index].anchor > now, case .time(let trigger) = jobs[index].trigger else {
      return jobs[index].anchor
    }
    let anchor = Timestamp(nanoseconds: jobs[index].anchor)
    return trigger.anchor(anchor, notAfter: Timestamp(nanoseconds: now)).nanoseconds
  }

  /// Marks all instants of a job up to now as handled. The caller must write the row, so that the next host knows.
  mutating func markInstantsHandled(of index: JobIndex) { makeExtras(of: index).since = clock.wall }

  /// Applies a new window (`from`, `till`, `times`) or a change of `fixed_delay`, which `delays` reports. The job's
  /// instants count from now on, in the same phase. A job that has ended becomes active if it has fires again.
  mutating func retime(_ index: JobIndex, delays: Bool, into effects: inout Effects) {
    guard jobs[index].schedule.isTimed, jobs[index].state != .cancelled else { return }
    disarm(index)
    jobs[index].isHeld = false
    markInstantsHandled(of: index)
    guard !jobs[index].schedule.isCustom else {
      retimeCustom(index, into: &effects)
      return
    }
    guard !jobs[index].isDelayed else { return }
    let first = firstInWindow(index)
    let hasFires = first.map { isInWindow($0, of: index) } ?? false
    switch jobs[index].state {
    case .cancelled: return
    case .finished where !hasFires: return
    case .finished:
      jobs[index].state = .active
      jobs[index].extras?.reason = nil
    case .paused, .active: break
    }
    guard jobs[index].state == .paused || isPaused(jobs[index].script) else {
      arm(index, due: first, into: &effects)
      return
    }
    // After a change of `fixed_delay` during a pause, the job has missed nothing in the pause.
    if let first, !delays { hold(index, due: first) }
  }
}
