import LuaRuntime
import MoonwheelModel

/// Calls of Lua functions that belong to no job: tests, and functions that a test installs in place of host functions.
extension ScriptIsolate {
  /// The limit of a call's processor time, in nanoseconds.
  package static let callTime: Int64 = 5_000_000_000

  package func call(
    _ function: CallbackID, _ arguments: [Value],
    _ reply: @escaping @Sendable (IsolateOutcome) -> Void
  ) {
    guard isolate != nil else {
      reply(.refused("\(name): the script is not loaded"))
      return
    }
    let run = LiveRun(
      .call(reply), limits: RunLimits(soft: .max, hard: .max, cpu: Self.callTime),
      now: environment.clock.elapsed)
    enter(run) { $0.call(function, arguments, $1) }
  }

  func handleCallOutcome(
    _ outcome: IsolateOutcome, _ run: LiveRun, _ reply: @Sendable (IsolateOutcome) -> Void
  ) {
    switch outcome {
    case .parked(let coroutine, let length): park(run, coroutine, for: length)
    case .preempted(let coroutine, let traceback):
      // Its limit has passed, and the interrupt did not end it.
      if run.details?.interruptedAt != nil, isolate?.wasInterrupted(coroutine) == true {
        drop(coroutine, run, traceback: traceback)
      } else {
        preempted = (coroutine, run)
      }
    case .evicted:
      reply(outcome)
      recover(from: run)
    case .finished, .cancelled, .declined, .failed, .refused, .interrupted: reply(outcome)
    }
  }
}
