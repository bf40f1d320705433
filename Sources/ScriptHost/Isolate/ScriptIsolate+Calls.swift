import LuaRuntime
import MoonwheelModel

/// Calls of a script's functions apart from any job: a test, and what answers for the outside world in one.
extension ScriptIsolate {
  /// The processor time of a call, in nanoseconds.
  package static let callTime: Int64 = 5_000_000_000

  package func call(
    _ function: CallbackID, _ arguments: [Value],
    _ tell: @escaping @Sendable (IsolateOutcome) -> Void
  ) {
    let run = ActiveRun(
      callWithin: Self.callTime, now: environment.clock.elapsed, onEnd: tell)
    guard isolate != nil else {
      tell(.refused("\(name): the script is not loaded"))
      return
    }
    enter(run) { $0.run(function, arguments) }
  }

  func settle(
    _ outcome: IsolateOutcome, _ run: ActiveRun, _ tell: @Sendable (IsolateOutcome) -> Void
  ) {
    switch outcome {
    case .parked(let coroutine): keepParked(coroutine, run)
    case .preempted(let coroutine, let traceback):
      // Past its limit, and it did not end by the interrupt.
      if run.interruptedAt != nil, isolate?.wasInterrupted(coroutine) == true {
        drop(coroutine, run, traceback: traceback)
      } else {
        preempted = (coroutine, run)
      }
    case .evicted:
      tell(outcome)
      recover(from: run)
    case .finished, .cancelled, .declined, .failed, .refused, .interrupted: tell(outcome)
    }
  }
}
