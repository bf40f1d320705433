import MoonwheelModel
import Triggers

/// The start of runs: a fire, an event or a pending run starts, waits, or is skipped with a reason.
extension SchedulerCore {
  /// The common case of ``request(_:_:into:)``: a fire that starts at once.
  mutating func requestFire(
    at instant: Timestamp, _ index: Int, into effects: inout Effects
  ) -> Run.ID? {
    guard canStart(index), !jobs[index].hasGrace else {
      return request(.fire(instant), index, into: &effects)
    }
    let run = newRun()
    dispatch(run, index, scheduledAt: instant, payload: arguments(of: index), into: &effects)
    return run
  }

  /// Lets a missed fire wait for its turn.
  mutating func enqueueCatchUp(at instant: Timestamp, _ index: Int, into effects: inout Effects) {
    _ = request(.caughtUp(instant), index, into: &effects)
  }

  /// Starts a run, lets it wait, or records why it is skipped. Returns the run if it has started.
  mutating func request(
    _ item: WaitingRuns.Item, _ index: Int, into effects: inout Effects
  ) -> Run.ID? {
    if canStart(index), !item.isCaughtUp || jobs[index].extras?.catchUpRun == nil {
      return start(item, index, into: &effects)
    }
    if let reason = refusal(of: item, index) {
      skip(item, index, reason: reason, into: &effects)
      return nil
    }
    if case .fire = item, jobs[index].policy.value.overlap == .replace {
      replace(index, into: &effects)
    }
    guard !appendToLease(item, index) else { return nil }
    enqueue(item, index)
    startWaiting(index, into: &effects)
    return nil
  }

  private func arguments(of index: Int) -> Dispatch.Payload {
    jobs[index].hasArguments ? .arguments(jobs[index].policy.value.arguments) : .none
  }

  /// Returns the run; nil if the fire is a misfire and nothing has started.
  mutating func start(
    _ item: WaitingRuns.Item, _ index: Int, into effects: inout Effects
  ) -> Run.ID? {
    let run: Run.ID
    switch item {
    case .pending(let pending):
      jobs[index].pendingCount = max(0, jobs[index].pendingCount - 1)
      run = pending.run
      var payload = pending.payload
      if case .none = payload { payload = arguments(of: index) }
      dispatch(
        run, index, scheduledAt: pending.scheduledAt, payload: payload, pending: pending,
        into: &effects)
    case .fire(let at), .caughtUp(let at):
      guard !isMisfire(at, index, into: &effects) else { return nil }
      run = newRun()
      if item.isCaughtUp { makeExtras(of: index).catchUpRun = run }
      dispatch(run, index, scheduledAt: at, payload: arguments(of: index), into: &effects)
    case .event(let event, let at):
      effects.dequeued.append(id(of: index))
      run = newRun()
      let payload =
        jobs[index].gathersEvents ? batch(from: event, index, into: &effects) : .event(event)
      dispatch(
        run, index, scheduledAt: at, payload: payload, startsLease: jobs[index].allowsLeases,
        into: &effects)
    }
    return run
  }

  private mutating func dispatch(
    _ run: Run.ID, _ index: Int, scheduledAt: Timestamp, payload: Dispatch.Payload,
    pending: PendingRun? = nil, startsLease: Bool = false, into effects: inout Effects
  ) {
    if jobs[index].hasFixedDelay, jobs[index].running == 0 { delayedJobs += 1 }
    activeRuns += 1
    let generation = Int(jobs[index].generation)
    generations[generation].active += 1
    let number = jobs[index].begin(at: clock.wall)
    jobs[index].latestRun = run
    let attempt = pending?.attempt ?? 1
    let isTracked = pending != nil || jobs[index].tracksRuns
    if isTracked {
      track(run, index, pending, scheduledAt: scheduledAt, payload: payload, into: &effects)
    }
    let isRecorded = recordStart(
      run, index, attempt: attempt, number: number, scheduledAt: scheduledAt,
      isPending: pending != nil, into: &effects)
    var dispatch = Dispatch(
      generation: generations[generation].id, job: id(of: index), run: run,
      handle: jobs[index].handle,
      priority: jobs[index].priority, attempt: attempt, number: number, scheduledAt: scheduledAt,
      key: jobs[index].key, isRecorded: isRecorded,
      extras: extras(
        of: index, payload, pending == nil ? scheduledAt : nil,
        startsLease && !isRecorded ? openLease(index, into: &effects) : nil))
    dispatch.isTracked = isTracked
    effects.dispatches.append(dispatch)
    publish(.runStarted, index, run: run, scheduledAt: scheduledAt, into: &effects)
  }

  /// The common case of ``dispatch(_:_:scheduledAt:payload:pending:startsLease:into:)``: the run has no input, is not
  /// tracked, and its job has no fixed delay.
  @inline(__always)
  mutating func startWithoutInput(
    _ run: Run.ID, _ index: Int, at instant: Timestamp, into effects: inout Effects
  ) {
    activeRuns += 1
    let generation = Int(jobs[index].generation)
    generations[generation].active += 1
    let number = jobs[index].begin(at: clock.wall)
    jobs[index].latestRun = run
    let isRecorded = recordStart(
      run, index, attempt: 1, number: number, scheduledAt: instant, isPending: false,
      into: &effects)
    effects.dispatches.append(
      Dispatch(
        generation: generations[generation].id, job: id(of: index), run: run,
        handle: jobs[index].handle,
        priority: jobs[index].priority, attempt: 1, number: number, scheduledAt: instant,
        key: jobs[index].key, isRecorded: isRecorded))
    guard interest.contains(.runStarted) else { return }
    publish(.runStarted, index, run: run, scheduledAt: instant, into: &effects)
  }

  /// The extras of a dispatch; nil if the run has no input. `fire` is nil for a pending run, to which grace does not
  /// apply.
  private func extras(
    of index: Int, _ payload: Dispatch.Payload, _ fire: Timestamp?, _ lease: (any EventLease)?
  ) -> Boxed<Dispatch.Extras>? {
    let state = jobs[index].extras?.state
    if case .none = payload, !jobs[index].hasGrace, state == nil { return nil }
    let late = jobs[index].hasGrace ? fire.flatMap { lateness(of: $0, index) } : nil
    let latest = late.map { late, grace in clock.wall.advanced(by: grace &- late) }
    return Boxed(Dispatch.Extras(payload: payload, state: state, latest: latest, lease: lease))
  }

  /// Keeps a run that starts, so that it can start again after a crash or a failure.
  private mutating func track(
    _ run: Run.ID, _ index: Int, _ pending: PendingRun?, scheduledAt: Timestamp,
    payload: Dispatch.Payload, into effects: inout Effects
  ) {
    var tracking =
      pending
      ?? PendingRun(
        run: run, job: jobs[index].key, kind: .fire, scheduledAt: scheduledAt,
        dueAt: scheduledAt, isRelative: true, payload: payload)
    tracking.status = .running
    tracked[run] = tracking
    guard isStored(index) else { return }
    if pending != nil {
      write(.pendingRunStatus(run, .running, crashes: tracking.crashes), into: &effects)
    } else if jobs[index].policy.value.restart == true {
      ensureRow(index, into: &effects)
      write(.pendingRun(tracking), into: &effects)
    }
  }
}
