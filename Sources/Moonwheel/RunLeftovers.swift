import MoonwheelModel
import ScriptHost
import SystemCalls

/// What runs have begun and is not over when they are: at the start of a host that of the host before, at its end its own.
enum RunLeftovers {
  /// Nanoseconds that a stop gives it if its timeout leaves no more.
  private static let moment: Int64 = 150_000_000

  /// Begins what an earlier host has left to do after its runs.
  static func resume(_ requests: [AfterRunRequest], in environment: ScriptEnvironment) {
    environment.functions.afterRuns.resume(requests) { request in
      environment.account(ofScript: request.script).hold(request.payload.footprint)
    }
  }

  /// Ends what runs have begun, and waits for that until a time of the monotonic clock.
  static func end(in environment: ScriptEnvironment, until deadline: Int64) {
    let end = max(deadline, Clocks.monotonic() + moment)
    let left = environment.functions.releaseResources(until: end)
    if !left.isEmpty {
      environment.log.logger.warning(
        "the host stops before all that its runs began has ended: \(left.prefix(10).joined(separator: ", "))"
      )
    }
    let count = environment.functions.afterRuns.stop()
    guard count > 0 else { return }
    let rest =
      environment.store.isDurable
      ? "the next host does them, since the store has them"
      : "they are lost, since the store is in memory"
    environment.log.logger.warning(
      "the host stops before \(count) requests are done that runs left for their end: \(rest)")
  }
}
