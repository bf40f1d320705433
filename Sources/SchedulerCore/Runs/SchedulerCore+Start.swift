import MoonwheelModel
import Triggers

/// The start of runs: a fire, an event or a pending run starts, waits, or is skipped with a reason.
extension SchedulerCore {
  private func canStart(_ index: Int) -> Bool {
    jobs[index].running < jobs[index].instanceLimit && !isDraining
      && (jobs[index].waiting == nil || jobs[index].instanceLimit > 1 && !gathers(index))
  }

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

  /// Makes room for a later fire. Missed fires that are caught up stay; the later fire comes after them.
  private mutating func replace(_ index: Int, into effects: inout Effects) {
    let catchesUp = jobs[index].waiting?.contains(where: \.isCaughtUp) ?? false
    if !catchesUp {
      effects.cancels.append((jobs[index].script, id(of: index), except: nil))
    }
    dropWaiting(
      index, reason: "a later fire replaced it", keepingCaughtUp: true, into: &effects)
  }

  /// The reason why an item that cannot start now must not wait; nil if it may.
  func refusal(of item: WaitingRuns.Item, _ index: Int) -> String? {
    let policy = jobs[index].policy.value
    let isFull = waitingCount(index) >= policy.backlog
    switch item {
    case .pending, .caughtUp: return nil
    case .event: return isFull ? "the backlog is full (\(policy.backlog))" : nil
    case .fire:
      switch policy.overlap {
      case .queue where !isFull: return nil
      case .replace: return nil
      case .queue: return "the previous run is still going, and the backlog is full (\(policy.backlog))"
      case .skip:
        return obstacle(of: index).map { "the previous run has not begun: \($0)" }
          ?? "the previous run is still going"
      case .allow: return "\(jobs[index].instanceLimit) runs are still going"
      }
    }
  }

  mutating func enqueue(_ item: WaitingRuns.Item, _ index: Int) {
    if let waiting = jobs[index].waiting {
      waiting.append(item)
      return
    }
    let waiting = WaitingRuns()
    waiting.append(item)
    jobs[index].waiting = waiting
    waitingJobs += 1
  }

  mutating func skip(
    _ item: WaitingRuns.Item, _ index: Int, reason: String, into effects: inout Effects
  ) {
    switch item {
    case .pending: preconditionFailure("a pending run is never skipped")
    case .fire(let at), .caughtUp(let at):
      let run = jobs[index].running > 0 ? jobs[index].latestRun : nil
      decide(.skipped, index, at: at, reason: reason, run: run, into: &effects)
    case .event(_, let at):
      effects.dequeued.append(id(of: index))
      decide(.skipped, index, at: at, reason: reason, into: &effects)
    }
  }

  /// Skips the items that wait, except pending runs.
  mutating func dropWaiting(
    _ index: Int, reason: String, keepingCaughtUp: Bool = false, into effects: inout Effects
  ) {
    revokeLeases(index)
    guard let waiting = jobs[index].waiting else { return }
    let dropped = waiting.removeAll { item in
      !item.isPending && !(keepingCaughtUp && item.isCaughtUp)
    }
    for item in dropped {
      skip(item, index, reason: reason, into: &effects)
    }
    if waiting.isEmpty { forgetWaiting(index) }
  }

  mutating func forgetWaiting(_ index: Int) {
    guard jobs[index].waiting != nil else { return }
    jobs[index].waiting = nil
    waitingJobs -= 1
  }

  private func arguments(of index: Int) -> Dispatch.Payload {
    jobs[index].hasArguments ? .arguments(jobs[index].policy.value.arguments) : .none
  }

  /// Returns the run; nil if the fire is a misfire and nothing has started.
  private mutating func start(
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

  private mutating func isMisfire(
    _ at: Timestamp, _ index: Int, into effects: inout Effects
  ) -> Bool {
    guard jobs[index].hasGrace, let (late, grace) = lateness(of: at, index), late > grace else {
      return false
    }
    decide(.misfired, index, at: at, reason: misfire(late, index), into: &effects)
    return true
  }

  func misfire(_ late: Int64, _ index: Int) -> String {
    let grace = jobs[index].policy.value.grace ?? 0
    return
      "it would have started \(DurationText.format(late)) late, and its grace is \(DurationText.format(grace))"
  }

  /// How late a run would start now, counted from the instant with jitter.
  private func lateness(of at: Timestamp, _ index: Int) -> (late: Int64, grace: Int64)? {
    guard let grace = jobs[index].policy.value.grace else { return nil }
    let due = at.advanced(by: jitter(of: index, at: instant(at, of: index)))
    return (due.distance(to: clock.wall), grace)
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

  /// A paused or cancelled job starts pending runs only. Missed fires start one after the other.
  func mayStart(_ item: WaitingRuns.Item, _ index: Int) -> Bool {
    if item.isPending { return true }
    guard jobs[index].state != .paused, jobs[index].state != .cancelled else { return false }
    return !item.isCaughtUp || jobs[index].extras?.catchUpRun == nil
  }

  /// Starts the items that wait, as far as the job may run them now.
  mutating func startWaiting(_ index: Int, into effects: inout Effects) {
    guard let waiting = jobs[index].waiting, !isDraining, !isGathering(index) else { return }
    while jobs[index].running < jobs[index].instanceLimit,
      let item = waiting.removeFirst(where: { mayStart($0, index) })
    {
      _ = start(item, index, into: &effects)
    }
    if waiting.isEmpty { forgetWaiting(index) }
  }
}
