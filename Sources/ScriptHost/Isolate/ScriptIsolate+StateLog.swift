import Logging
import LuaRuntime
import MoonwheelModel
import SchedulerCore
import Triggers

/// Shows what a script is doing, on request of an operator.
extension ScriptIsolate {
  /// Logs each run under way with its traceback.
  func logState() {
    let now = environment.clock.elapsed
    parkTimedWaits()
    if let (coroutine, run) = preempted {
      logState(of: run, coroutine, "computes", now)
      guard isolate?.isDead != true else {
        preempted = nil
        parked[coroutine] = ParkedRun(run: run, park: makePark(of: coroutine), deadline: nil)
        return recover(from: run)
      }
    }
    for (coroutine, waiting) in parked.sorted(by: { $0.value.run.id < $1.value.run.id }) {
      logState(of: waiting.run, coroutine, "waits", now)
      guard isolate?.isDead != true else { return recover(from: waiting.run) }
    }
  }

  private func logState(of run: ActiveRun, _ coroutine: UInt32, _ verb: String, _ now: Int64) {
    let since = DurationText.format(max(1, now - run.startedAt) / 1_000_000 * 1_000_000)
    let traceback = isolate?.traceback(of: coroutine) ?? ""
    let progress = run.extras?.progress.map { ", \($0.description)" } ?? ""
    environment.log.logger.info(
      "\(verb), since \(since)\(progress)\(traceback.isEmpty ? "" : "\n\(traceback)")",
      metadata: [
        "script": .string(name), "job": .string(registry[run.handle]?.name ?? "(ended)"),
        "run": .stringConvertible(run.id), "event": "scheduler.state",
      ])
  }
}
