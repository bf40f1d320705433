import TimerWheel
import Triggers

extension SchedulerCore {
  /// A nominal instant on the job's clock, as wall time.
  func wall(_ instant: Int64, of index: Int) -> Timestamp {
    jobs[index].isOnWallTime ? Timestamp(nanoseconds: instant) : clock.wall(at: instant)
  }

  func deadline(of index: Int) -> Tick {
    let due = jobs[index].due &+ jitter(of: index)
    return Tick(
      notBefore: jobs[index].isOnWallTime
        ? clock.elapsed(at: Timestamp(nanoseconds: due)) : due)
  }

  /// How far after its nominal instant the job's next fire is.
  private func jitter(of index: Int) -> Int64 {
    guard jobs[index].hasWindow else { return 0 }
    let window = jobs[index].policy.value.window
    guard window.jitter > 0 else { return 0 }
    return Jitter.delay(
      upTo: window.jitter, seed: window.seed, name: jobs[index].name,
      at: wall(jobs[index].due, of: index))
  }

  private func counts(_ due: Int64, of index: Int) -> Bool {
    !jobs[index].hasWindow
      || jobs[index].policy.value.window.contains(
        wall(due, of: index), after: jobs[index].fires, registered: jobs[index].registered)
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

  mutating func arm(_ index: Int, due: Int64?, into effects: inout Effects) {
    guard let due, counts(due, of: index) else {
      finish(index, into: &effects)
      return
    }
    jobs[index].due = due
    if jobs[index].isOnWallTime {
      if wallTimers == 0 { armedOffset = clock.offset }
      wallTimers += 1
    }
    jobs[index].timer = wheel.insert(deadline: deadline(of: index), payload: UInt64(index))
  }

  mutating func disarm(_ index: Int) {
    guard jobs[index].timer != .none else { return }
    if wheel.cancel(jobs[index].timer) != nil, jobs[index].isOnWallTime { wallTimers -= 1 }
    jobs[index].timer = .none
  }

  /// The timer of a job has expired.
  mutating func fire(_ index: Int, into effects: inout Effects) {
    jobs[index].timer = .none
    if jobs[index].isOnWallTime { wallTimers -= 1 }
    guard !isDraining else { return }
    let now = now(of: index) &- jitter(of: index)
    let due = jobs[index].due
    guard due <= now else {  // the wall clock was set back meanwhile
      arm(index, due: due, into: &effects)
      return
    }
    jobs[index].fires += 1
    guard !jobs[index].hasFixedDelay else {
      requestFire(at: wall(due, of: index), index, into: &effects)
      return
    }
    let (latest, missed, next) = latest(from: due, until: now, of: index)
    if missed > 0 { publishMissed(missed, index, into: &effects) }
    let scheduledAt = wall(latest, of: index)
    arm(index, due: next, into: &effects)
    requestFire(at: scheduledAt, index, into: &effects)
  }

  private func publishMissed(_ count: Int64, _ index: Int, into effects: inout Effects) {
    publish(
      .runMissed, index, scheduledAt: wall(jobs[index].due, of: index), count: count,
      reason: jobs[index].isOnWallTime
        ? "the host was late, or its clock was set forward, past the next fire"
        : "the host was late by a whole period", into: &effects)
  }

  /// Of the instants from `due` on that have been reached: the latest, how many there are before it, and what follows.
  private func latest(
    from due: Int64, until now: Int64, of index: Int
  ) -> (latest: Int64, missed: Int64, next: Int64?) {
    let period = jobs[index].period
    if period > 0 {
      let missed = now - due < period ? 0 : (now - due) / period
      let latest = due + missed * period
      let (next, overflow) = latest.addingReportingOverflow(period)
      return (latest, missed, overflow ? nil : next)
    }
    var latest = due
    var missed: Int64 = 0
    while let next = instant(after: latest, of: index) {
      if next > now { return (latest, missed, next) }
      latest = next
      missed += 1
      if missed == Self.countedMisses { return (latest, missed, instant(after: now, of: index)) }
    }
    return (latest, missed, nil)
  }

  /// How many missed instants of a calendar are counted one by one.
  private static let countedMisses: Int64 = 10_000
}
