import MoonwheelModel
import SchedulerCore

/// Sends the pings of a host.
package protocol PingPort: Sendable {
  /// Sends it soon. Must not block.
  func send(_ ping: PingRequest)
}

/// A ping with who asks for it.
package struct PingRequest: Sendable {
  package var ping: Ping
  /// The name of the script.
  package var script: String
  /// What it may do, also at the time of each attempt.
  package var permissions: ScriptPermissions
}

extension ScriptEnvironment {
  /// Sends a ping, if something in this host can.
  package func send(_ ping: Ping, allowedBy permissions: ScriptPermissions) {
    functions.pings?.send(
      PingRequest(ping: ping, script: name(of: ping.script), permissions: permissions))
  }

  /// Tells that pings did not reach their server.
  package func pingFailed(_ request: PingRequest, reason: String, count: Int64) {
    let ping = request.ping
    inbox.post(
      .pingFailed(
        PingFailure(script: ping.script, job: ping.job, reason: reason, count: count)))
    log.logger.warning(
      "the ping of a run that succeeded did not arrive: \(reason)",
      metadata: ["script": .string(request.script), "job": .string(ping.job)])
  }
}
