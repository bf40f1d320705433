import Logging
import LuaRuntime
import MoonwheelModel
import Triggers

/// Callbacks that compute for long without waiting. The host warns once of each, since the script's other jobs cannot
/// run meanwhile.
extension ScriptIsolate {
  /// Call this at the end of a slice. Returns false where the run cannot continue: taking a traceback can lose the Lua
  /// state.
  func checkStuck(_ coroutine: UInt32, _ run: LiveRun) -> Bool {
    guard run.guest == nil else { return true }
    let used = environment.meter.timeComputed(by: run) ?? memberState.processorTime
    guard let busy, busy.run == run.id else {
      busy = BusyRun(run: run.id, used: used)
      return true
    }
    guard !busy.isReported, used - busy.used >= environment.stuckAfter else { return true }
    self.busy?.isReported = true
    let traceback = isolate?.traceback(of: coroutine) ?? ""
    reportStuck(
      StuckRun(
        generation: ownerGeneration, job: run.job, run: run.id, processorTime: used - busy.used,
        traceback: traceback, holdsUpScript: privateRun == nil), of: run)
    guard isolate?.isDead == true else { return true }
    report(
      run,
      .evicted(
        RunFailure(
          message: "\(name): its state was lost while the host took a traceback",
          traceback: traceback))
    )
    recover(from: run)
    return false
  }

  private func reportStuck(_ stuck: StuckRun, of run: LiveRun) {
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

  /// Call this when a run waits or has ended.
  func clearBusy(_ run: LiveRun) {
    guard let busy, busy.run == run.id else { return }
    self.busy = nil
    if busy.isReported { environment.inbox.post(.unstuck(ownerGeneration, run.id)) }
  }
}
