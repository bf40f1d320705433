import LuaRuntime
import MoonwheelModel
import SchedulerCore
import Triggers
import WorkerPool

/// The life of a run: start, waits, slices, limits and end.
extension ScriptIsolate {
  func start(_ dispatch: Dispatch) {
    let now = environment.clock.read()
    let entry = registry[dispatch.handle]
    let extras = dispatch.extras?.content
    let run = ActiveRun(
      dispatch, limits: entry?.policy.value.limits ?? RunLimits(), now: now.elapsed)
    if let latest = extras?.latest, now.wall > latest {
      report(run, .misfired(late: dispatch.scheduledAt.distance(to: now.wall)))
      return
    }
    guard let callback = entry?.function(for: extras?.hook), isolate != nil else {
      let what = isolate == nil ? "the script could not be loaded again" : "the job is gone"
      report(run, .failed(RunFailure(message: "\(name): \(what)")))
      return
    }
    var start = RunStart(dispatch, firedAt: now.wall)
    if extras?.hook == nil { start.when = entry?.functions?.when }
    enter(run) { $0.start(callback, start) }
  }

  /// Ends a run as succeeded without calling its callback.
  func completeDry(_ dispatch: Dispatch) {
    let run = ActiveRun(dispatch, limits: RunLimits(), now: environment.clock.elapsed)
    report(run, .succeeded(.nil))
  }

  func resume(_ park: ParkID, _ resumption: Resumption) {
    parkTimedWait(of: park)
    // The wait may have ended already, by its timeout or by the event.
    guard let waiting = parked[park.coroutine], waiting.park == park else { return }
    let coroutine = park.coroutine
    parked[coroutine] = nil
    let now = environment.clock.elapsed
    if case .timeout = resumption {
      environment.bus.stopWaiting([park])
    } else {
      environment.inbox.unpark(park)
      countPosted()
    }
    // A due interrupt comes before the resumption: else a run of many short waits is never interrupted.
    guard !waiting.run.isDue(elapsed: now) || wasInterrupted(coroutine) else {
      end(coroutine, waiting.run, at: now)
      return
    }
    switch resumption {
    case .values(let values): enter(waiting.run) { $0.resume(coroutine, with: values) }
    case .raise(let text): enter(waiting.run) { $0.resume(coroutine, raising: text) }
    case .timeout:
      if let deadline = waiting.deadline, deadline <= now {
        enter(waiting.run) { $0.resume(coroutine, with: [.nil, .string("timeout")]) }
      } else {
        end(coroutine, waiting.run, at: now)
      }
    }
  }

  private func wasInterrupted(_ coroutine: UInt32) -> Bool {
    isolate?.wasInterrupted(coroutine) ?? false
  }

  /// Gives a preempted run a new slice.
  func proceed(_ coroutine: UInt32, _ run: ActiveRun) {
    guard !run.isPastGrace(elapsed: environment.clock.elapsed) else {
      drop(coroutine, run, traceback: "")
      return
    }
    enter(run) { $0.continue(coroutine) }
  }

  /// Ends a parked run whose limit has come: first by an interrupt; if it was interrupted and its grace is over, by a
  /// drop.
  private func end(_ coroutine: UInt32, _ run: ActiveRun, at now: Int64) {
    let wasInterrupted = wasInterrupted(coroutine)
    guard !wasInterrupted || !run.isPastGrace(elapsed: now) else {
      drop(coroutine, run, traceback: "")
      return
    }
    var run = run
    if !wasInterrupted { run.interruptedAt = now }
    enter(run) { $0.interrupt(coroutine) }
  }

  func drop(_ coroutine: UInt32, _ run: ActiveRun, traceback: String) {
    let traceback = traceback.isEmpty ? isolate?.traceback(of: coroutine) ?? "" : traceback
    defer { if isolate?.isDead == true { recover(from: run) } }
    isolate?.drop(coroutine)
    for park in moduleLoads.drop(coroutine) { wake(park, .values([])) }
    if let request = run.request {
      answer(request, .failure(tooSlow(run, traceback: traceback)))
      return
    }
    if let onEnd = run.onEnd {
      onEnd(.interrupted(traceback: traceback))
      return
    }
    report(run, .dropped(failure("was dropped", run, traceback: traceback)))
  }

  /// Runs Lua until the run parks, ends, or its slice is over.
  func enter(_ entering: ActiveRun, _ body: (Isolate) -> IsolateOutcome) {
    guard let isolate else {
      report(entering, .abandoned(RunFailure(message: "\(name): its isolate is gone")))
      return
    }
    current = entering
    let turn = environment.meter.begin(
      entering, in: isolate, elapsed: environment.clock.elapsed, sliceEnd: sliceEnd)
    let outcome = body(isolate)
    var run = current ?? entering
    current = nil
    environment.meter.end(turn, of: &run, in: isolate)
    run.peakMemory = max(run.peakMemory, isolate.memoryPeak)
    applyEndCause(isolate.endCause, of: &run)
    run.markInterruptIfDue(elapsed: environment.clock.elapsed)
    handleOutcome(outcome, run)
  }

  /// Marks the run as cancelled or stuck if that ended its turn. The run's own limits need no mark.
  func applyEndCause(_ cause: EndCause, of run: inout ActiveRun) {
    let limits = environment.configuration.limits
    switch cause {
    case .limits: return
    case .cancellation:
      guard let reason = mailbox.cancellation(hitting: run)?.reason else { return }
      run.cancel(reason, now: environment.clock.elapsed)
    case .stuckInC:
      run.interrupt(.stuck(inLua: false, limits.stall), now: environment.clock.elapsed)
    case .stuckInLua:
      run.interrupt(.stuck(inLua: true, limits.stallInLua), now: environment.clock.elapsed)
    }
  }

  func handleOutcome(_ outcome: IsolateOutcome, _ run: ActiveRun) {
    guard !run.isLoad else {
      handleLoadOutcome(outcome, run)
      return
    }
    if let request = run.request {
      handleAnswer(request, outcome, run)
      return
    }
    if let onEnd = run.onEnd {
      handleCallOutcome(outcome, run, onEnd)
      return
    }
    switch outcome {
    case .parked(let coroutine):
      addParked(coroutine, run)
    case .preempted(let coroutine, let traceback):
      if run.isPastGrace(elapsed: environment.clock.elapsed) {
        drop(coroutine, run, traceback: traceback)
      } else {
        preempt(coroutine, run)
      }
    case .finished(let result): report(run, .succeeded(result), state: isolate?.finalState)
    case .cancelled: report(run, .cancelledJob, state: isolate?.finalState)
    case .declined: report(run, .declined)
    case .failed(let failure): fail(run, failure)
    case .refused(let reason): report(run, .failed(RunFailure(message: "\(name): \(reason)")))
    case .interrupted(let traceback):
      if case .requested(let delay)? = run.extras?.retry {
        report(run, .failed(retryFailure(run, after: delay, traceback: traceback)))
        return
      }
      let failure = failure("was interrupted", run, traceback: traceback)
      if case .cancelled = run.end {
        report(run, .cancelled(failure))
      } else {
        report(run, .timedOut(failure))
      }
    case .evicted(let reason, let traceback):
      var failure = failure("was evicted", run, traceback: traceback)
      failure.message += " (\(reason))"
      report(run, .evicted(failure))
      recover(from: run)
    }
  }

  /// The run waits for ``pendingPark``, which its host function has begun.
  func addParked(_ coroutine: UInt32, _ run: ActiveRun) {
    guard let (park, deadline) = pendingPark else {
      preconditionFailure("a run parked without a wait")
    }
    pendingPark = nil
    parked[coroutine] = ParkedRun(run: run, park: park, deadline: deadline)
    clearBusy(run)
  }

  /// The slice is over: the run continues in the next turn; in a simulation, when virtual time has caught up.
  func preempt(_ coroutine: UInt32, _ run: ActiveRun) {
    guard checkStuck(coroutine, run) else { return }
    preempted = (coroutine, run)
    guard case .counted(let meter) = environment.meter else { return }
    computation = meter.computation(
      of: run, wasInterrupted: wasInterrupted(coroutine), in: self, now: environment.clock.elapsed)
  }

  /// Whether virtual time is still before the end of the preempted run's computation. Only a cancellation ends it
  /// earlier.
  func isComputing() -> Bool {
    guard let computation, case (let coroutine, var run)? = preempted else { return false }
    let now = environment.clock.elapsed
    let isCancelled = run.isDue(elapsed: now) && isolate?.wasInterrupted(coroutine) == false
    guard now >= computation.end || isCancelled else { return true }
    if computation.isUncounted { run.cpu += now - computation.since }
    preempted = (coroutine, run)
    self.computation = nil
    return false
  }

  private func retryFailure(_ run: ActiveRun, after delay: Int64?, traceback: String) -> RunFailure
  {
    let job = registry[run.handle]?.name ?? "(ended)"
    let when = delay.map { " after \(DurationText.format($0))" } ?? ""
    return RunFailure(
      message: "\(name): job \"\(job)\" asked to be tried again\(when)", traceback: traceback)
  }

  private func failure(_ verb: String, _ run: ActiveRun, traceback: String) -> RunFailure {
    let job = registry[run.handle]?.name ?? "(ended)"
    return RunFailure(message: run.reason(verb, name: job, script: name), traceback: traceback)
  }

  /// Ends the matching runs, begun or not.
  func cancelRuns(_ cancellation: CancelRuns) {
    let (job, except, reason) = (cancellation.job, cancellation.except, cancellation.reason)
    parkTimedWaits()
    let now = environment.clock.elapsed
    if let (coroutine, preemptedRun) = preempted, preemptedRun.isHit(by: job, except) {
      var run = preemptedRun
      run.cancel(reason, now: now)
      preempted = (coroutine, run)
    }
    for (coroutine, waiting) in parked.sorted(by: { $0.key < $1.key })
    where waiting.run.isHit(by: job, except) && preempted == nil {
      // An eviction by an earlier one of these runs has ended all others.
      guard parked.removeValue(forKey: coroutine) != nil else { continue }
      environment.bus.stopWaiting([waiting.park])
      environment.inbox.unpark(waiting.park)
      var run = waiting.run
      run.cancel(reason, now: now)
      end(coroutine, run, at: now)
    }
    let isHit = { (dispatch: Dispatch) in
      (job == nil || job == dispatch.job) && dispatch.run != except
    }
    for dispatch in removeWaiting(where: isHit) + removeUnbegun(where: isHit) {
      var run = ActiveRun(dispatch, limits: RunLimits(), now: now)
      run.cancel(reason, now: now)
      report(run, .cancelled(failure("was not begun", run, traceback: "")))
    }
    // The `<close>` variables of an interrupted run may use up the slice: cancel the rest in the next turn.
    if preempted != nil, parked.values.contains(where: { $0.run.isHit(by: job, except) }) {
      mailbox.append(cancellation)
    }
  }
}

extension RunStart {
  init(_ dispatch: Dispatch, firedAt: Timestamp) {
    let payload: RunStart.Payload =
      switch dispatch.payload {
      case .none: .none
      case .arguments(let value): .arguments(value)
      case .event(let event): .event(event)
      case .events(let events): .events(events)
      }
    self.init(
      run: dispatch.run, job: dispatch.handle,
      cancellationKey: dispatch.job.cancellationKey, number: dispatch.number,
      attempt: Int(dispatch.attempt),
      scheduledAt: Double(dispatch.scheduledAt.nanoseconds) / 1e9,
      firedAt: Double(firedAt.nanoseconds) / 1e9, payload: payload,
      state: dispatch.extras?.content.state, value: dispatch.extras?.content.hook?.value)
  }
}

extension JobRegistry.Entry {
  fileprivate func function(for hook: Dispatch.Extras.Hook?) -> CallbackID? {
    guard let hook else { return callback }
    return functions?.hooks[hook.which.rawValue]
  }
}
