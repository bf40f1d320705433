import LuaRuntime

extension LuaAPI {
  /// The members of the run object that the bridge does not implement.
  static let runs: [HostFunction] = [
    function("run_get", ["key"]) { (call) throws(Mistake) in
      guard call[0] == "cancelled" else { return .nothing }
      return .value(.bool(call.isolate.isEnding))
    },
    function("run_progress", ["fraction", "text"]) { (call) throws(Mistake) in
      guard let fraction = call[0].double, (0...1).contains(fraction) else {
        throw Mistake(
          "run:progress takes a fraction from 0 to 1 first, not \(call[0].described)")
      }
      let text = call[1].isNil ? "" : try call.text(1, "the text of run:progress")
      let progress = RunProgress(fraction: fraction, text: String(text.prefix(200)))
      call.isolate.current?.makeDetails().progress = progress
      call.isolate.log(progress)
      return .nothing
    },
    function("run_retry", ["delay"]) { (call) throws(Mistake) in
      let delay = call[0].isNil ? nil : try duration(call[0], "run:retry")
      try call.isolate.requestRetry(after: delay)
      return .end
    },
  ]
}

extension ScriptIsolate {
  /// Whether the current run must end: its limit has come, or it was cancelled.
  var isEnding: Bool {
    guard let run = current else { return false }
    return run.isDue(elapsed: environment.clock.elapsed)
      || mailbox.hasCancellation { run.isHit(by: $0) }
  }

  func requestRetry(after delay: Int64?) throws(Mistake) {
    guard let run = current, !run.isLoad else {
      throw Mistake("run:retry cannot be used while the script loads")
    }
    guard run.hook == nil else {
      throw Mistake(
        "run:retry: the run has ended already; a callback like on_failure is not tried again")
    }
    guard delay != nil || registry[run.handle]?.policy.value.retry != nil else {
      throw Mistake(
        "run:retry needs a delay, as in run:retry(\"1m\"), where the job has no option retry")
    }
    current?.makeDetails().retry = .requested(after: delay)
  }
}
