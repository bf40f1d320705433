import MoonwheelModel
import SchedulerCore

extension ScriptEnvironment {
  /// Sends a ping, if something in this host can.
  package func send(_ ping: Ping, allowedBy permissions: ScriptPermissions) {
    functions.pings?.send(
      PingRequest(
        scriptID: ping.script, script: name(of: ping.script), job: ping.job, url: ping.url,
        permissions: permissions))
  }

  /// Tells that pings did not reach their server.
  package func pingFailed(_ request: PingRequest, reason: String, count: Int64) {
    log.repeatable(
      .warning, "the ping of a run that succeeded did not arrive: \(reason)",
      ["script": .string(request.script), "job": .string(request.job)], count: count)
    inbox.post(
      .pingFailed(
        PingFailure(script: request.scriptID, job: request.job, reason: reason, count: count)))
  }
}
