import LuaRuntime
import MoonwheelModel

/// What a failed run says about another attempt: `retry = false` in its error, or the option `retry.unless`.
extension ScriptIsolate {
  /// Ends a run with an error that its callback raised.
  func fail(_ run: ActiveRun, _ failure: RunFailure) {
    var run = run
    let retry = registry[run.handle]?.policy.value.retry
    if failure.data["retry"] == .bool(false) {
      run.makeExtras().retry = .refused
    } else if run.hook == nil, let pattern = retry?.unless {
      match(failure, pattern, run)
      return
    }
    report(run, .failed(failure))
  }

  /// Matches the message with the pattern inside the isolate and for at most ``matchTime``, since some patterns take
  /// exponential time.
  func match(_ failure: RunFailure, _ pattern: String, _ run: ActiveRun) {
    var run = run
    guard let isolate, let matcher = matcher(in: isolate) else {
      report(run, .failed(failure))
      return
    }
    let turn = environment.meter.begin(call: Self.matchTime, in: isolate)
    var outcome = isolate.run(matcher, [.string(failure.message), .string(pattern)])
    while case .preempted(let coroutine, _) = outcome, !isolate.wasInterrupted(coroutine) {
      outcome = isolate.continue(coroutine)
    }
    environment.meter.end(turn, of: &run, in: isolate)
    switch outcome {
    case .finished(.bool(true)): run.makeExtras().retry = .refused
    case .parked(let coroutine), .preempted(let coroutine, _):
      pendingPark = nil
      isolate.drop(coroutine)
    case .finished, .cancelled, .declined, .failed, .refused, .interrupted, .evicted: break
    }
    report(run, .failed(failure))
    if case .evicted = outcome { recover(from: run) }
  }

  static let matchTime: Int64 = 100_000_000

  func matcher(in isolate: Isolate) -> CallbackID? {
    if let matcher { return matcher }
    let text = "local message, pattern = ... return string.find(message, pattern) ~= nil"
    do throws(IsolateError) {
      matcher = try isolate.compile(Array(text.utf8), name: "retry.unless")
    } catch {
      environment.log.logger.warning("\(name): retry.unless cannot be checked: \(error)")
    }
    return matcher
  }
}
