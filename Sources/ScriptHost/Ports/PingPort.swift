import MoonwheelModel

/// Sends the pings of a host.
package protocol PingPort: Sendable {
  /// Sends it soon. Must not block.
  func send(_ ping: PingRequest)
}

/// A request because a run has succeeded, with who asks for it.
package struct PingRequest: Sendable {
  package var scriptID: ScriptID
  /// The name of the script.
  package var script: String
  package var job: String
  package var url: String
  /// What the script may do, also at the time of each attempt.
  package var permissions: ScriptPermissions
}
