import Triggers

/// What becomes of a fire, an event or a promise: it starts, waits, or is skipped with a reason.
extension SchedulerCore {
  private func canStart(_ index: Int) -> Bool {
    jobs[index].running < jobs[index].instanceLimit && jobs[index].waiting == nil && !isDraining
  }

  /// The same as ``request(_:_:into:)``, without the detour, for what happens most.
  mutating func requestFire(at instant: Timestamp, _ index: Int, into effects: inout Effects) {
    guard canStart(index) else {
      request(.fire(instant), index, into: &effects)
      return
    }
    dispatch(newRun(), index, scheduledAt: instant, payload: arguments(of: index), into: &effects)
  }

  /// Starts a run, lets it wait, or records why it is not run.
  mutating func request(_ item: WaitingRuns.Item, _ index: Int, into effects: inout Effects) {
    if canStart(index) {
      start(item, index, into: &effects)
      return
    }
    if let reason = refusal(of: item, index) {
      skip(item, index, reason: reason, into: &effects)
      return
    }
    if case .fire = item, jobs[index].policy.value.overlap == .replace {
      effects.cancels.append((jobs[index].script, id(of: index), except: nil))
      dropWaiting(index, reason: "a later fire replaced it", into: &effects)
    }
    enqueue(item, index)
    startWaiting(index, into: &effects)
  }

  /// Why something that cannot start now is not to wait either.
  private func refusal(of item: WaitingRuns.Item, _ index: Int) -> String? {
    let policy = jobs[index].policy.value
    let isFull = (jobs[index].waiting?.count ?? 0) >= policy.queue
    switch item {
    case .promised: return nil
    case .event: return isFull ? "the queue is full (\(policy.queue))" : nil
    case .fire:
      switch policy.overlap {
      case .queue where !isFull: return nil
      case .replace: return nil
      case .queue: return "the previous run is still going, and the queue is full (\(policy.queue))"
      case .skip: return "the previous run is still going"
      case .allow: return "\(jobs[index].instanceLimit) runs are still going"
      }
    }
  }

  private mutating func enqueue(_ item: WaitingRuns.Item, _ index: Int) {
    if let waiting = jobs[index].waiting {
      waiting.append(item)
      return
    }
    let waiting = WaitingRuns()
    waiting.append(item)
    jobs[index].waiting = waiting
    waitingJobs += 1
  }

  private mutating func skip(
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

  /// Gives up what waits, but for what was promised.
  mutating func dropWaiting(_ index: Int, reason: String, into effects: inout Effects) {
    guard let waiting = jobs[index].waiting else { return }
    for item in waiting.removeAll(where: { !$0.isPromised }) {
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

  private mutating func start(
    _ item: WaitingRuns.Item, _ index: Int, into effects: inout Effects
  ) {
    switch item {
    case .promised(let run, let given, let at):
      let payload = given.isNil ? arguments(of: index) : .arguments(given)
      dispatch(run, index, scheduledAt: at, payload: payload, into: &effects)
    case .fire(let at):
      dispatch(newRun(), index, scheduledAt: at, payload: arguments(of: index), into: &effects)
    case .event(let event, let at):
      effects.taken.append(id(of: index))
      dispatch(newRun(), index, scheduledAt: at, payload: .event(event), into: &effects)
    }
  }

  private mutating func dispatch(
    _ run: Run.ID, _ index: Int, scheduledAt: Timestamp, payload: Dispatch.Payload,
    into effects: inout Effects
  ) {
    if jobs[index].hasFixedDelay, jobs[index].running == 0 { delayedJobs += 1 }
    activeRuns += 1
    let generation = Int(jobs[index].generation)
    generations[generation].active += 1
    let number = jobs[index].begin(at: clock.wall)
    effects.dispatches.append(
      Dispatch(
        generation: generations[generation].id, job: id(of: index), run: run,
        handle: jobs[index].handle, callback: jobs[index].callback,
        priority: jobs[index].priority, attempt: 1, number: number, scheduledAt: scheduledAt,
        payload: payload))
    publish(.runStarted, index, run: run, scheduledAt: scheduledAt, into: &effects)
  }

  /// Starts what waits, as far as the job may run now.
  mutating func startWaiting(_ index: Int, into effects: inout Effects) {
    guard let waiting = jobs[index].waiting, !isDraining else { return }
    let promisedOnly = jobs[index].state == .paused || jobs[index].state == .cancelled
    while jobs[index].running < jobs[index].instanceLimit,
      let item = waiting.removeFirst(promisedOnly: promisedOnly)
    {
      start(item, index, into: &effects)
    }
    if waiting.isEmpty { forgetWaiting(index) }
  }
}
