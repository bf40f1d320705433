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
    if let (coroutine, run) = preempted {
      logState(of: run, coroutine, "computes", now)
      guard isolate?.isDead != true else {
        preempted = nil
        run.park = makePark(of: coroutine)
        live.insert(run)
        return recover(from: run)
      }
    }
    for run in live.all.sorted(by: { $0.id < $1.id }) {
      logState(of: run, run.park.coroutine, "waits", now)
      guard isolate?.isDead != true else { return recover(from: run) }
    }
  }

  private func logState(of run: LiveRun, _ coroutine: UInt32, _ verb: String, _ now: Int64) {
    let since = DurationText.format(max(1, now - run.startedAt) / 1_000_000 * 1_000_000)
    let traceback = isolate?.traceback(of: coroutine) ?? ""
    let progress = run.details?.progress.map { ", \($0.description)" } ?? ""
    environment.log.logger.info(
      "\(verb), since \(since)\(progress)\(traceback.isEmpty ? "" : "\n\(traceback)")",
      metadata: [
        "script": .string(name), "job": .string(registry[run.handle]?.name ?? "(ended)"),
        "run": .stringConvertible(run.id), "event": "scheduler.state",
      ])
  }
}
