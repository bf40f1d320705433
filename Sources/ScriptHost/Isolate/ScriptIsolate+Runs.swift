import LuaRuntime
import MoonwheelModel
import SchedulerCore
import Triggers
import WorkerPool

/// The life of a run: start, waits, slices, limits and end.
extension ScriptIsolate {
  /// Starts a run that cannot start in a batch with others.
  func start(_ dispatch: Dispatch) {
    if environment.isDry {
      completeDry(dispatch)
    } else if privateRun != nil {
      loadAndStart(dispatch)
    } else if needsPrivateIsolate(dispatch) {
      refusePrivate(dispatch)
    } else {
      startHere(dispatch)
    }
  }

  func startHere(_ dispatch: Dispatch) {
    let now = environment.clock.read()
    let entry = registry[dispatch.handle]
    let inputs = dispatch.extras?.content
    let run = LiveRun(
      dispatch, limits: entry?.policy.value.limits ?? RunLimits(), now: now.elapsed)
    if let latest = inputs?.latest, now.wall > latest {
      report(run, .misfired(late: dispatch.scheduledAt.distance(to: now.wall)))
      return
    }
    guard let callback = entry?.function(for: inputs?.hook), isolate != nil else {
      let what = isolate == nil ? "the script could not be loaded again" : "the job is gone"
      report(run, .failed(RunFailure(message: "\(name): \(what)")))
      return
    }
    let when = inputs?.hook == nil ? entry?.functions?.when : nil
    enter(run) { batch, limits in
      batch.start(
        dispatch, CallbackStart(callback: callback, when: when ?? .none), limits)
    }
  }

  /// Ends a run as succeeded without calling its callback.
  func completeDry(_ dispatch: Dispatch) {
    report(
      LiveRun(dispatch, limits: RunLimits(), now: environment.clock.elapsed), .succeeded(.nil))
  }

  func resume(_ park: ParkID, _ resumption: Resumption) {
    // The wait may have ended already, by its timeout or by the event.
    guard let run = live[park.coroutine], run.park == park else { return }
    let coroutine = park.coroutine
    live.remove(coroutine)
    let now = environment.clock.elapsed
    if case .timeout = resumption {
      environment.bus.stopWaiting([park])
    } else {
      environment.inbox.unpark(park)
      countPosted()
    }
    // A due interrupt comes before the resumption: else a run of many short waits is never interrupted.
    guard !run.isDue(elapsed: now) || wasInterrupted(coroutine) else {
      end(coroutine, run, at: now)
      return
    }
    switch resumption {
    case .values(let values, _): enter(run) { $0.resume(coroutine, with: values, $1) }
    case .event(let event): enter(run) { $0.resume(coroutine, with: event, $1) }
    case .raise(let text): enter(run) { $0.resume(coroutine, raising: text, $1) }
    case .timeout where run.until <= now:
      enter(run) { $0.resume(coroutine, with: [.nil, .string("timeout")], $1) }
    case .timeout: end(coroutine, run, at: now)
    }
  }

  func wasInterrupted(_ coroutine: UInt32) -> Bool {
    isolate?.wasInterrupted(coroutine) ?? false
  }

  /// Gives a preempted run a new slice.
  func proceed(_ coroutine: UInt32, _ run: LiveRun) {
    guard !run.isPastGrace(elapsed: environment.clock.elapsed) else {
      drop(coroutine, run, traceback: "")
      return
    }
    enter(run) { $0.continue(coroutine, $1) }
  }

  /// Ends a parked run whose limit has come: first by an interrupt; if it was interrupted and its grace is over, by a
  /// drop.
  private func end(_ coroutine: UInt32, _ run: LiveRun, at now: Int64) {
    let wasInterrupted = wasInterrupted(coroutine)
    guard !wasInterrupted || !run.isPastGrace(elapsed: now) else {
      drop(coroutine, run, traceback: "")
      return
    }
    if !wasInterrupted { run.makeDetails().interruptedAt = now }
    enter(run) { $0.interrupt(coroutine, $1) }
  }

  func drop(_ coroutine: UInt32, _ run: LiveRun, traceback: String) {
    let traceback = traceback.isEmpty ? isolate?.traceback(of: coroutine) ?? "" : traceback
    defer { if isolate?.isDead == true { recover(from: run) } }
    isolate?.drop(coroutine)
    for park in moduleLoads.drop(coroutine) { wake(park, .values([])) }
    switch run.guest {
    case .request(let open): answer(open, .failure(tooSlow(run, traceback: traceback)))
    case .call(let onEnd): onEnd(.interrupted(traceback: traceback))
    case .load, nil: report(run, .dropped(failure("was dropped", run, traceback: traceback)))
    }
  }

  /// Marks the run as cancelled or stuck if that ended its turn. The run's own limits need no mark.
  func applyEndCause(_ cause: EndCause, of run: LiveRun) {
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
    case .realTime: run.interrupt(.realTime, now: environment.clock.elapsed)
    }
  }

  func handleOutcome(_ outcome: IsolateOutcome, _ run: LiveRun) {
    switch run.guest {
    case .load: return handleLoadOutcome(outcome, run)
    case .request(let open): return handleAnswer(open, outcome, run)
    case .call(let onEnd): return handleCallOutcome(outcome, run, onEnd)
    case nil: break
    }
    switch outcome {
    case .parked(let coroutine, let length): park(run, coroutine, for: length)
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
      if case .requested(let delay)? = run.details?.retry {
        report(run, .failed(retryFailure(run, after: delay, traceback: traceback)))
        return
      }
      let failure = failure("was interrupted", run, traceback: traceback)
      if case .cancelled? = run.details?.end {
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

  /// The run waits for this many nanoseconds, or for ``pendingPark``, which its host function has begun.
  func park(_ run: LiveRun, _ coroutine: UInt32, for length: Int64?) {
    if let length { return wait(run, coroutine, for: length) }
    guard let (park, deadline) = pendingPark else {
      preconditionFailure("a run parked without a wait")
    }
    pendingPark = nil
    run.park = park
    run.until = deadline ?? .max
    run.waitsForHost = true
    live.insert(run)
    clearBusy(run)
  }

  /// The slice is over: the run continues in the next turn; in a simulation, when virtual time has caught up.
  func preempt(_ coroutine: UInt32, _ run: LiveRun) {
    guard checkStuck(coroutine, run) else { return }
    preempted = (coroutine, run)
    guard case .counted(let meter) = environment.meter else { return }
    computation = meter.computation(
      of: run, wasInterrupted: wasInterrupted(coroutine), in: self, now: environment.clock.elapsed)
  }

  /// Whether virtual time is still before the end of the preempted run's computation. Only a cancellation ends it
  /// earlier.
  func isComputing() -> Bool {
    guard let computation, case (let coroutine, let run)? = preempted else { return false }
    let now = environment.clock.elapsed
    let isCancelled = run.isDue(elapsed: now) && isolate?.wasInterrupted(coroutine) == false
    guard now >= computation.end || isCancelled else { return true }
    if computation.isUncounted { run.addCPU(now - computation.since) }
    self.computation = nil
    return false
  }

  private func retryFailure(_ run: LiveRun, after delay: Int64?, traceback: String) -> RunFailure {
    let job = registry[run.handle]?.name ?? "(ended)"
    let when = delay.map { " after \(DurationText.format($0))" } ?? ""
    return RunFailure(
      message: "\(name): job \"\(job)\" asked to be tried again\(when)", traceback: traceback)
  }

  private func failure(_ verb: String, _ run: LiveRun, traceback: String) -> RunFailure {
    let job = registry[run.handle]?.name ?? "(ended)"
    return RunFailure(message: run.reason(verb, name: job, script: name), traceback: traceback)
  }

  /// Forgets a wait that neither its deadline nor the host has ended.
  func endWait(of run: LiveRun) {
    environment.bus.stopWaiting([run.park])
    environment.inbox.unpark(run.park)
  }

  /// Ends the matching runs, begun or not.
  func cancelRuns(_ cancellation: CancelRuns) {
    let reason = cancellation.reason
    let now = environment.clock.elapsed
    if let (_, preemptedRun) = preempted, preemptedRun.isHit(by: cancellation) {
      preemptedRun.cancel(reason, now: now)
    }
    for waiting in live.all where waiting.isHit(by: cancellation) && preempted == nil {
      // An eviction by an earlier one of these runs has ended all others.
      guard let run = live.remove(waiting.park.coroutine) else { continue }
      endWait(of: run)
      run.cancel(reason, now: now)
      end(run.park.coroutine, run, at: now)
    }
    let isHit = { (dispatch: Dispatch) in cancellation.hits(dispatch.run, of: dispatch.job) }
    for dispatch in removeWaiting(where: isHit) + removeUnbegun(where: isHit) {
      let run = LiveRun(dispatch, limits: RunLimits(), now: now)
      run.cancel(reason, now: now)
      report(run, .cancelled(failure("was not begun", run, traceback: "")))
    }
    // The `<close>` variables of an interrupted run may use up the slice: cancel the rest in the next turn.
    if preempted != nil, live.all.contains(where: { $0.isHit(by: cancellation) }) {
      mailbox.append(cancellation)
    }
  }
}

extension JobRegistry.Entry {
  fileprivate func function(for hook: Dispatch.Extras.Hook?) -> CallbackID? {
    guard let hook else { return callback }
    return functions?.hooks[hook.which.rawValue]
  }
}
