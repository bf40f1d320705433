import Logging
import LuaRuntime
import MoonwheelModel
import Triggers

/// Callbacks that compute for long without waiting: each is told once, since the script's other jobs cannot run meanwhile.
extension ScriptIsolate {
  /// To be called when a slice of a run is over. Answers whether the run can go on: looking at where it is may cost the script
  /// its state.
  func noteBusy(_ coroutine: UInt32, _ run: ActiveRun) -> Bool {
    guard run.origin != nil else { return true }
    let used = environment.isSimulated ? max(run.workerTime, run.cpu) : memberState.processorTime
    guard let busy, busy.run == run.id else {
      busy = BusyRun(run: run.id, used: used)
      return true
    }
    guard !busy.isTold, used - busy.used >= environment.stuckAfter else { return true }
    self.busy?.isTold = true
    let place = isolate?.traceback(of: coroutine) ?? ""
    tellStuck(
      StuckRun(
        generation: serves, job: run.job, run: run.id, processorTime: used - busy.used,
        traceback: place, holdsUpScript: privateRun == nil), of: run)
    guard isolate?.isDead == true else { return true }
    report(
      run,
      .evicted(
        RunFailure(message: "\(name): its state was lost while it was looked at", traceback: place))
    )
    recover(from: run)
    return false
  }

  private func tellStuck(_ stuck: StuckRun, of run: ActiveRun) {
    let job = registry[run.handle]?.name ?? "(ended)"
    let time = DurationText.format(stuck.processorTime / 1_000_000 * 1_000_000)
    environment.log.logger.warning(
      "\(name): job \"\(job)\" has computed for \(time) without waiting\(stuck.holdsUpScript ? "; the script's other jobs cannot run meanwhile" : "")\(stuck.traceback.isEmpty ? "" : "\n" + stuck.traceback)",
      metadata: [
        "script": .string(name), "job": .string(job), "run": .stringConvertible(stuck.run),
        "event": "run.stuck",
      ])
    environment.inbox.post(.stuck(stuck))
  }

  /// The run waits, or has ended.
  func noteIdle(_ run: ActiveRun) {
    guard let busy, busy.run == run.id else { return }
    self.busy = nil
    if busy.isTold { environment.inbox.post(.unstuck(serves, run.id)) }
  }
}
