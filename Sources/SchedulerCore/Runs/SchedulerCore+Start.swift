import MoonwheelModel
import Triggers

/// The start of runs: a fire, an event or a pending run starts, waits, or is skipped with a reason.
extension SchedulerCore {
  /// Starts a run, lets it wait, or records why it is skipped. Returns the run if it has started.
  ///
  /// It is inlined with ``start(_:_:into:)``, so that a fire, whose kind of item is known, tests for nothing else.
  @discardableResult
  @inline(__always)
  mutating func request(
    _ item: WaitingRuns.Item, _ index: JobIndex, into effects: inout Effects
  ) -> Run.ID? {
    if canStart(index), !item.isCaughtUp || jobs[index].extras?.catchUpRun == nil {
      return start(item, index, into: &effects)
    }
    waitOrSkip(item, index, into: &effects)
    return nil
  }

  private mutating func waitOrSkip(
    _ item: WaitingRuns.Item, _ index: JobIndex, into effects: inout Effects
  ) {
    if let reason = refusal(of: item, index) {
      skip(item, index, reason: reason, into: &effects)
      return
    }
    if case .fire = item, jobs[index].policy.value.overlap == .replace {
      replace(index, into: &effects)
    }
    if case .event(let event, let at) = item, jobs[index].waiting == nil,
      addToLease(event, at: at, index, into: &effects)
    {
      return
    }
    enqueue(item, index)
    startWaiting(index, into: &effects)
  }

  /// Starts a run. Returns nil if the fire is a misfire and nothing has started.
  @discardableResult
  @inline(__always)
  mutating func start(
    _ item: WaitingRuns.Item, _ index: JobIndex, into effects: inout Effects
  ) -> Run.ID? {
    if jobs[index].options.contains(.grace), isMisfire(item, index, into: &effects) { return nil }
    let instant = item.instant
    let run = item.pending?.content.run ?? newRun()
    let inputs =
      mayHaveInputs(item, index) ? takeInputs(of: item, run, index, into: &effects) : nil
    if jobs[index].schedule.hasFixedDelay, jobs[index].running == 0 { delayedJobs += 1 }
    let number = jobs[index].begin(at: clock.wall)
    jobs[index].latestRun = run
    let isTracked = item.isPending || jobs[index].options.contains(.tracking)
    if isTracked { track(run, index, item, payload: inputs?.content.payload, into: &effects) }
    let attempt = item.pending?.content.attempt ?? 1
    let isRecorded = recordStart(
      run, index, of: item, inputs?.content.payload, attempt: attempt, number: number,
      into: &effects)
    let mayLease = item.isEvent && !isRecorded && jobs[index].schedule.allowsLeases
    dispatch(
      run, index, attempt: attempt, number: number, scheduledAt: instant, isRecorded: isRecorded,
      isTracked: isTracked, extras: mayLease ? leased(inputs, run, index, into: &effects) : inputs,
      into: &effects)
    if interest.contains(.runStarted) {
      publish(.runStarted, index, run: run, scheduledAt: instant, into: &effects)
    }
    return run
  }

  /// Sends a run of a job, or of one of its hooks, to the isolate of its generation.
  @inline(__always)
  mutating func dispatch(
    _ run: Run.ID, _ index: JobIndex, attempt: Int32, number: Int64, scheduledAt: Timestamp,
    isRecorded: Bool = false, isTracked: Bool = false, extras: Boxed<Dispatch.Extras>?,
    into effects: inout Effects
  ) {
    let generation = jobs[index].generation
    activeRuns += 1
    generations[generation].active += 1
    effects.dispatches.append(
      Dispatch(
        generation: generations[generation].id, job: id(of: index), run: run,
        handle: jobs[index].handle, priority: jobs[index].priority, attempt: attempt,
        number: number, scheduledAt: scheduledAt, key: jobs[index].key, isRecorded: isRecorded,
        isTracked: isTracked, extras: extras))
  }

  @inline(__always)
  private func mayHaveInputs(_ item: WaitingRuns.Item, _ index: JobIndex) -> Bool {
    guard case .fire = item, jobs[index].options.isDisjoint(with: [.arguments, .grace]) else {
      return true
    }
    return jobs[index].extras != nil && jobs[index].extras?.state != nil
  }

  /// The inputs of a run that starts now, which it takes from where they waited; nil if there are none.
  private mutating func takeInputs(
    of item: WaitingRuns.Item, _ run: Run.ID, _ index: JobIndex, into effects: inout Effects
  ) -> Boxed<Dispatch.Extras>? {
    var inputs = Dispatch.Extras(
      payload: takePayload(of: item, run, index, into: &effects), state: jobs[index].extras?.state)
    if jobs[index].options.contains(.grace), !item.isPending,
      let (late, grace) = lateness(of: item.instant, index)
    {
      inputs.latest = clock.wall.advanced(by: grace &- late)
    }
    if case .none = inputs.payload, inputs.state == nil, !jobs[index].options.contains(.grace) {
      return nil
    }
    return Boxed(inputs)
  }

  /// Adds a lease to the inputs of a run, if the events behind it may be leased.
  private mutating func leased(
    _ inputs: Boxed<Dispatch.Extras>?, _ run: Run.ID, _ index: JobIndex,
    into effects: inout Effects
  ) -> Boxed<Dispatch.Extras>? {
    guard var leased = inputs?.content, let lease = openLease(run, index, into: &effects) else {
      return inputs
    }
    leased.lease = lease
    return Boxed(leased)
  }

  private mutating func takePayload(
    of item: WaitingRuns.Item, _ run: Run.ID, _ index: JobIndex, into effects: inout Effects
  ) -> Dispatch.Payload {
    switch item {
    case .event(let event, _):
      effects.dequeued.append(id(of: index))
      return jobs[index].schedule.gathersEvents
        ? batch(from: event, index, into: &effects) : .event(event)
    case .pending(let pending):
      jobs[index].pendingCount = max(0, jobs[index].pendingCount - 1)
      if case .none = pending.content.payload { break }
      return pending.content.payload
    case .caughtUp: makeExtras(of: index).catchUpRun = run
    case .fire: break
    }
    return jobs[index].options.contains(.arguments)
      ? .arguments(jobs[index].policy.value.arguments) : .none
  }

  /// Keeps a run that starts, so that it can start again after a crash or a failure.
  private mutating func track(
    _ run: Run.ID, _ index: JobIndex, _ item: WaitingRuns.Item, payload: Dispatch.Payload?,
    into effects: inout Effects
  ) {
    var tracking =
      item.pending?.content
      ?? PendingRun(
        run: run, job: jobs[index].key, kind: .fire, scheduledAt: item.instant,
        dueAt: item.instant, isRelative: true, payload: payload ?? .none)
    tracking.status = .running
    tracked[run] = tracking
    guard isStored(index) else { return }
    if item.isPending {
      write(.pendingRunStatus(run, .running, crashes: tracking.crashes), into: &effects)
    } else if jobs[index].policy.value.restart == true {
      ensureRow(index, into: &effects)
      write(.pendingRun(tracking), into: &effects)
    }
  }
}
