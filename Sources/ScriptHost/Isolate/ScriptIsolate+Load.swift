import LuaRuntime
import MoonwheelModel
import SystemCalls
import Triggers
import WorkerPool

extension ScriptIsolate {
  func beginLoad(_ done: (@Sendable (Result<LoadedScript, ScriptError>) -> Void)?) {
    loading = LoadInProgress(done: done)
    let cap = environment.configuration.hostMemory
    if cap > 0, LuaMemory.reserved + LuaMemory.kept > cap - cap / 20 {
      endLoad(
        .failure(
          ScriptError(
            .memory, script: name,
            "\(name): not loaded: all scripts together are at the host's memory cap (--memory, \(cap) bytes)"
          )))
      return
    }
    do throws(IsolateError) {
      let isolate = try Isolate(
        limits: limits, functions: functions.map(\.signature), preludes: environment.preludes,
        host: self, account: memory.account, isSimulated: environment.isSimulated)
      self.isolate = isolate
      matcher = nil
      moduleLoads = ModuleLoads()
    } catch {
      endLoad(.failure(ScriptError(.load, script: name, "\(name): \(error.message)")))
      return
    }
    compileAndRun()
  }

  private var limits: IsolateLimits {
    var limits = environment.configuration.limits
    let own = privateRun?.waiting.flatMap { registry[$0.handle]?.policy.value.memory }
    if let memory = own ?? memory.cap { limits.memory = memory }
    return limits
  }

  /// Loads on a worker and blocks until the end. Do not call it on a worker.
  package func loadAndWait() -> Result<LoadedScript, ScriptError> {
    let outcome = Condition<Result<LoadedScript, ScriptError>?>(nil)
    post(
      .load { result in
        outcome.withLock { $0 = result }
        outcome.signal()
      })
    return outcome.wait { $0 }
  }

  private func compileAndRun() {
    let limit = environment.configuration.loadLimit.clampedNanoseconds
    let began = Clocks.threadCPU()
    let chunk: CallbackID
    do throws(IsolateError) {
      guard let compiled = try isolate?.compile(source.text, name: name, within: limit) else {
        return
      }
      chunk = compiled
    } catch {
      isolate = nil
      endLoad(.failure(error.isTooSlow ? tooSlow("") : source.syntaxError(error.message)))
      return
    }
    let run = LiveRun(.load, limits: RunLimits(soft: .max, hard: .max, cpu: limit), now: 0)
    if case .machine = environment.meter { run.addCPU(Clocks.threadCPU() - began) }
    let loading = isolate
    enter(run) { $0.call(chunk, [], $1) }
    loading?.release(chunk)
  }

  func handleLoadOutcome(_ outcome: IsolateOutcome, _ run: LiveRun) {
    switch outcome {
    case .preempted(let coroutine, let traceback):
      guard run.isPastGrace(elapsed: environment.clock.elapsed) else {
        preempted = (coroutine, run)
        return
      }
      isolate = nil
      endLoad(.failure(tooSlow(traceback)))
    case .finished, .cancelled, .declined:
      if let problem = permissions.problem, loading?.done != nil {
        // It has caught the error.
        endLoad(.failure(permissions.error(RunFailure(message: "\(name): \(problem)"))))
        return
      }
      isolate?.flushBulkRegistrations()
      let registrations = registry.drainLoaded()
      if loading?.done != nil, privateRun == nil {
        privateTemplate = PrivateIsolateTemplate(
          registrations, registry: registry, modules: modules, memory: memory,
          loaded: isolate?.memoryUsed ?? 0)
      }
      endLoad(
        .success(
          LoadedScript(
            registrations: registrations, warnings: warnings.messages,
            unknownNames: UnknownNames.warnings(of: self), formerly: registry.formerly,
            asked: permissions.request, dependencies: modules.found)))
    case .failed(let failure): endLoad(.failure(permissions.error(failure)))
    case .refused(let reason):
      endLoad(.failure(ScriptError(.load, script: name, "\(name): \(reason)")))
    case .interrupted(let traceback): endLoad(.failure(tooSlow(traceback)))
    case .evicted(_, let traceback):
      isolate = nil
      endLoad(.failure(tooSlow(traceback)))
    case .parked: preconditionFailure("a script cannot wait while it is loaded")
    }
  }

  private func tooSlow(_ traceback: String) -> ScriptError {
    let limit = DurationText.format(environment.configuration.loadLimit.clampedNanoseconds)
    return ScriptError(
      .tooSlow, script: name,
      "\(name): loading it took longer than \(limit) of processor time: loading only registers; work belongs in callbacks",
      traceback: traceback)
  }

  private func endLoad(_ result: Result<LoadedScript, ScriptError>) {
    let (load, result) = (loading, environment.secrets.masked(result))
    loading = nil
    registry.endReattaching()
    guard let done = load?.done else {
      endRecovery(result)
      return
    }
    if case .failure = result { isolate = nil }
    done(result)
  }

  // MARK: After an eviction

  /// Creates the isolate again from the loaded text. Runs that were parked in the old one are abandoned.
  func recover(from culprit: LiveRun) {
    isolate = nil
    batch.removeAll()  // its functions are gone
    guard privateRun == nil else { return }
    let job = registry[culprit.handle]?.name ?? "(ended)"
    for waiting in live.all {
      endWait(of: waiting)
      report(
        waiting,
        .abandoned(
          RunFailure(
            message: "\(name): its isolate was evicted by the job \"\(job)\" (run \(culprit.id))")))
    }
    live = LiveRunTable()
    registry.beginReattaching()
    memory.setJobs(registry.bytes)
    environment.inbox.post(
      .dropDynamic(generation, reason: "its isolate was evicted by the job \"\(job)\""))
    pauseAfterEvictions(culprit: job)
    beginLoad(nil)
  }

  private func pauseAfterEvictions(culprit: String) {
    let now = environment.clock.elapsed
    evictions = evictions.filter { now - $0 < 60_000_000_000 } + [now]
    let limit = environment.configuration.evictionsBeforePause
    guard evictions.count >= limit else { return }
    evictions = []
    environment.pause(
      script, name: name,
      reason:
        "evicted \(limit) times within a minute, last by the job \"\(culprit)\"; change the script to resume it"
    )
  }

  private func endRecovery(_ result: Result<LoadedScript, ScriptError>) {
    guard case .failure(let error) = result else { return }
    isolate = nil
    environment.log.failed(error)
    environment.pause(
      script, name: name, reason: "it could not be loaded again after an eviction: \(error.message)"
    )
  }
}
