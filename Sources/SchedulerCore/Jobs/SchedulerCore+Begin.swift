import TimerWheel
import Triggers

/// From when a job's instants count: its registration, or the moment at which its trigger or what bounds it was changed.
extension SchedulerCore {
  /// First fires of a job that is new, or whose trigger is.
  mutating func begin(_ index: Int, into effects: inout Effects) {
    let policy = jobs[index].policy.value
    jobs[index].anchor = now(of: index)
    jobs[index].registered = clock.wall
    jobs[index].extras?.since = nil
    jobs[index].state = policy.paused ? .paused : .active
    jobs[index].isHeld = false
    jobs[index].extras?.reason = nil
    if policy.paused { makeExtras(of: index).reason = Self.pausedOption }
    if let state = policy.state, jobs[index].extras?.state == nil {
      makeExtras(of: index).state = state
    }
    switch jobs[index].trigger {
    case .onDemand: break
    case .event(let pattern):
      if !policy.paused { subscribe(index, pattern, into: &effects) }
    case .time(let trigger):
      guard !policy.paused, !isPaused(jobs[index].script) else { break }
      if policy.now, !isDraining { _ = requestFire(at: clock.wall, index, into: &effects) }
      if !jobs[index].isDelayed { armFirst(index, trigger, into: &effects) }
    case .custom: beginCustom(index, into: &effects)
    }
  }

  private mutating func armFirst(_ index: Int, _ trigger: Trigger, into effects: inout Effects) {
    let first = trigger == .reboot ? jobs[index].anchor : firstInWindow(index)
    if first == nil, jobs[index].isOnWallTime {
      decide(
        .missed, index, at: trigger.instants?.at.last ?? clock.wall,
        reason: "its time was past when it was first registered", into: &effects)
    }
    arm(index, due: first, into: &effects)
  }

  /// The first instant after now that the window does not leave out at its beginning. Where the window is yet to begin, it
  /// is that beginning for a period, which counts from it.
  mutating func firstInWindow(_ index: Int) -> Int64? {
    let window = jobs[index].policy.value.window
    guard let start = window.start(registered: jobs[index].registered), start > clock.wall else {
      jobs[index].anchor = phase(of: index)
      return instant(after: now(of: index), of: index)
    }
    let bound =
      jobs[index].isOnWallTime ? start.nanoseconds : clock.elapsed(at: start)
    guard jobs[index].period > 0 else { return instant(after: bound - 1, of: index) }
    jobs[index].anchor = bound
    return bound
  }

  /// No anchor is later than now, but for the beginning of a window.
  func phase(of index: Int) -> Int64 {
    let now = now(of: index)
    guard jobs[index].anchor > now, case .time(let trigger) = jobs[index].trigger else {
      return jobs[index].anchor
    }
    let anchor = Timestamp(nanoseconds: jobs[index].anchor)
    return trigger.anchor(anchor, notAfter: Timestamp(nanoseconds: now)).nanoseconds
  }

  /// Up to when its instants are settled, or do not count: what was fired since is not in it.
  func since(of index: Int) -> Timestamp { jobs[index].extras?.since ?? jobs[index].registered }

  /// All instants of a job up to now have been decided about. The store is to be told, so that the next host knows.
  mutating func settleInstants(of index: Int) { makeExtras(of: index).since = clock.wall }

  /// What bounds the fires of a job (`from`, `till`, `times`), or whether it counts from the ends of runs, is another one:
  /// its instants count anew from now on, in the phase that they have. A job that had ended goes on if it has fires again.
  mutating func retime(_ index: Int, delays: Bool, into effects: inout Effects) {
    guard jobs[index].isTimed, jobs[index].state != .cancelled else { return }
    disarm(index)
    jobs[index].isHeld = false
    settleInstants(of: index)
    guard !jobs[index].isCustom else {
      retimeCustom(index, into: &effects)
      return
    }
    guard !jobs[index].isDelayed else { return }
    let first = firstInWindow(index)
    let goesOn = first.map { isInWindow($0, of: index) } ?? false
    switch jobs[index].state {
    case .cancelled: return
    case .finished where !goesOn: return
    case .finished:
      jobs[index].state = .active
      jobs[index].extras?.reason = nil
    case .paused, .active: break
    }
    guard jobs[index].state == .paused || isPaused(jobs[index].script) else {
      arm(index, due: first, into: &effects)
      return
    }
    // A period that counts otherwise than before the pause has missed nothing in it.
    if let first, !delays { hold(index, due: first) }
  }

  /// The fire that comes next has another delay; those before it are settled, however far they were delayed.
  mutating func followJitter(_ index: Int) {
    guard jobs[index].isTimed, jobs[index].timer != .none else { return }
    if !jobs[index].isCustom {
      makeExtras(of: index).since = min(clock.wall, wall(jobs[index].due - 1, of: index))
    }
    _ = wheel.reschedule(jobs[index].timer, to: deadline(of: index))
  }
}
