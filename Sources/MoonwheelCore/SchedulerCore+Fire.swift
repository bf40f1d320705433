import TimerWheel
import Triggers

extension SchedulerCore {
  /// A nominal instant on the job's clock, as wall time.
  func wall(_ instant: Int64, of index: Int) -> Timestamp {
    jobs[index].isOnWallTime ? Timestamp(nanoseconds: instant) : clock.wall(at: instant)
  }

  func deadline(of index: Int) -> Tick {
    let due = jobs[index].due
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
    if case .every(let period, _) = trigger {
      let (next, overflow) = instant.addingReportingOverflow(period)
      return overflow ? nil : next
    }
    return trigger.next(
      after: Timestamp(nanoseconds: instant), anchor: Timestamp(nanoseconds: jobs[index].anchor))?
      .nanoseconds
  }

  mutating func arm(_ index: Int, due: Int64?, into effects: inout Effects) {
    guard let due else {
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

  /// The trigger has no further fire.
  private mutating func finish(_ index: Int, into effects: inout Effects) {
    guard jobs[index].state == .active else { return }
    jobs[index].state = .finished
    publish(.jobFinished, index, into: &effects)
  }

  /// The timer of a job has expired.
  mutating func fire(_ index: Int, into effects: inout Effects) {
    jobs[index].timer = .none
    if jobs[index].isOnWallTime { wallTimers -= 1 }
    guard !isDraining else { return }
    let now = now(of: index)
    let due = jobs[index].due
    guard due <= now else {  // the wall clock was set back meanwhile
      arm(index, due: due, into: &effects)
      return
    }
    guard !jobs[index].policy.value.fixedDelay else {
      request(.fire(wall(due, of: index)), index, into: &effects)
      return
    }
    let (latest, missed, next) = latest(from: due, until: now, of: index)
    if missed > 0 {
      publish(
        .runMissed, index, scheduledAt: wall(due, of: index), count: missed,
        reason: "the host was late by a whole period", into: &effects)
    }
    let scheduledAt = wall(latest, of: index)
    arm(index, due: next, into: &effects)
    request(.fire(scheduledAt), index, into: &effects)
  }

  /// Of the instants from `due` on that have been reached: the latest, how many there are before it, and what follows.
  private func latest(
    from due: Int64, until now: Int64, of index: Int
  ) -> (latest: Int64, missed: Int64, next: Int64?) {
    if case .time(.every(let period, _)) = jobs[index].trigger {
      let missed = (now - due) / period
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

  /// Starts a run, lets it wait, or records why it is not run.
  mutating func request(_ item: WaitingRuns.Item, _ index: Int, into effects: inout Effects) {
    let waits = jobs[index].waiting.map { !$0.isEmpty } ?? false
    if Int(jobs[index].running) < jobs[index].instanceLimit, !waits {
      start(item, index, into: &effects)
      return
    }
    let policy = jobs[index].policy.value
    let waiting = jobs[index].waiting?.count ?? 0
    switch item {
    case .promised:
      enqueue(item, index)
    case .event:
      guard waiting < policy.queue else {
        skip(item, index, reason: "the queue is full (\(policy.queue))", into: &effects)
        return
      }
      enqueue(item, index)
    case .fire:
      if policy.overlap == .replace {
        effects.cancels.append((jobs[index].script, id(of: index), except: nil))
        if let waiting = jobs[index].waiting {
          dropUnpromised(waiting, index, reason: "a later fire replaced it", into: &effects)
          if waiting.isEmpty { waitingJobs -= 1 }
        }
        enqueue(item, index)
        return
      }
      guard policy.overlap == .queue, waiting < policy.queue else {
        let limit = jobs[index].instanceLimit
        let reason =
          switch policy.overlap {
          case .queue: "the previous run is still going, and the queue is full (\(policy.queue))"
          case .skip, .replace: "the previous run is still going"
          case .allow: "\(limit) runs are still going"
          }
        skip(item, index, reason: reason, into: &effects)
        return
      }
      enqueue(item, index)
    }
  }

  private mutating func enqueue(_ item: WaitingRuns.Item, _ index: Int) {
    let waiting = jobs[index].waiting ?? WaitingRuns()
    jobs[index].waiting = waiting
    if waiting.isEmpty { waitingJobs += 1 }
    waiting.append(item)
  }

  mutating func skip(
    _ item: WaitingRuns.Item, _ index: Int, reason: String, into effects: inout Effects
  ) {
    switch item {
    case .promised: preconditionFailure("a promised run is never skipped")
    case .fire(let at): publish(.runSkipped, index, scheduledAt: at, reason: reason, into: &effects)
    case .event(_, let at):
      effects.taken.append(id(of: index))
      publish(.runSkipped, index, scheduledAt: at, reason: reason, into: &effects)
    }
  }

  func address(of index: Int) -> JobAddress {
    JobAddress(
      generation: generations[jobs[index].generation]?.id ?? GenerationID(rawValue: .max),
      handle: jobs[index].handle)
  }

  private mutating func start(
    _ item: WaitingRuns.Item, _ index: Int, into effects: inout Effects
  ) {
    let run: Run.ID
    let scheduledAt: Timestamp
    let payload: Dispatch.Payload
    let arguments = jobs[index].policy.value.arguments
    switch item {
    case .promised(let id, let given, let at):
      run = id
      scheduledAt = at
      payload = given.isNil ? .arguments(arguments) : .arguments(given)
    case .fire(let at):
      run = newRun()
      scheduledAt = at
      payload = arguments.isNil ? .none : .arguments(arguments)
    case .event(let event, let at):
      run = newRun()
      scheduledAt = at
      payload = .event(event)
      effects.taken.append(id(of: index))
    }
    dispatch(run, index, scheduledAt: scheduledAt, payload: payload, into: &effects)
  }

  private mutating func dispatch(
    _ run: Run.ID, _ index: Int, scheduledAt: Timestamp, payload: Dispatch.Payload,
    into effects: inout Effects
  ) {
    jobs[index].running += 1
    if jobs[index].policy.value.fixedDelay { fixedDelayRuns += 1 }
    jobs[index].runs += 1
    jobs[index].lastStarted = clock.wall
    activeRuns += 1
    let generation = jobs[index].generation
    generations[generation]?.active += 1
    effects.dispatches.append(
      Dispatch(
        generation: address(of: index).generation, job: id(of: index), run: run,
        handle: jobs[index].handle, callback: jobs[index].callback,
        priority: Int32(clamping: jobs[index].policy.value.priority), attempt: 1,
        number: jobs[index].runs, scheduledAt: scheduledAt, payload: payload))
    publish(.runStarted, index, run: run, scheduledAt: scheduledAt, into: &effects)
  }

  /// Starts what waits, as far as the job may run now.
  mutating func startWaiting(_ index: Int, into effects: inout Effects) {
    guard let waiting = jobs[index].waiting, !waiting.isEmpty else { return }
    while Int(jobs[index].running) < jobs[index].instanceLimit {
      let promisedOnly = jobs[index].state != .active && jobs[index].state != .finished
      guard let item = waiting.removeFirst(promisedOnly: promisedOnly) else { break }
      start(item, index, into: &effects)
    }
    if waiting.isEmpty {
      waitingJobs -= 1
      jobs[index].waiting = nil
    }
  }
}
