import LuaRuntime
import MoonwheelModel
import SystemCalls

/// What a failed run says about another attempt: `retry = false` in its error, or the option `retry.unless`.
extension ScriptIsolate {
  /// Ends a run with an error that its callback raised.
  func fail(_ run: LiveRun, _ failure: RunFailure) {
    let retry = registry[run.handle]?.policy.value.retry
    if failure.data["retry"] == .bool(false) {
      run.makeDetails().retry = .refused
    } else if run.hook == nil, let pattern = retry?.unless {
      match(failure, pattern, run)
      return
    }
    report(run, .failed(failure))
  }

  /// Matches the message with the pattern inside the isolate and for at most ``matchTime``, since some patterns take
  /// exponential time.
  func match(_ failure: RunFailure, _ pattern: String, _ run: LiveRun) {
    guard let isolate, let matcher = matcher(in: isolate) else {
      report(run, .failed(failure))
      return
    }
    let outcome = callBriefly(matcher, [.string(failure.message), .string(pattern)], in: isolate)
    switch outcome {
    case .finished(.bool(true)): run.makeDetails().retry = .refused
    case .parked(let coroutine, _), .preempted(let coroutine, _):
      pendingPark = nil
      isolate.drop(coroutine)
    case .finished, .cancelled, .declined, .failed, .refused, .interrupted, .evicted: break
    }
    report(run, .failed(failure))
    if case .evicted = outcome { recover(from: run) }
  }

  private static let matchTime: Int64 = 100_000_000

  /// Calls a function of the host's own within ``matchTime``.
  private func callBriefly(
    _ function: CallbackID, _ arguments: [Value], in isolate: Isolate
  ) -> IsolateOutcome {
    var batch = RunBatch(capacity: 1)
    batch.call(function, arguments, environment.meter.limits(ofCall: Self.matchTime))
    return isolate.run(&batch, at: environment.meter.timeOfCall).outcome ?? .finished(.nil)
  }

  func matcher(in isolate: Isolate) -> CallbackID? {
    if let matcher { return matcher }
    let text = "local message, pattern = ... return string.find(message, pattern) ~= nil"
    do throws(IsolateError) {
      matcher = try isolate.compile(Array(text.utf8), name: "retry.unless")
    } catch {
      environment.log.repeatable(
        .warning, "\(name): retry.unless cannot be checked: \(error)", ["script": .string(name)])
    }
    return matcher
  }
}
