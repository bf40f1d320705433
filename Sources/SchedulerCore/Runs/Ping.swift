import MoonwheelModel

/// A request that the driver sends because a run has succeeded: the option `ping`.
package struct Ping: Sendable, Hashable {
  package var script: ScriptID
  /// Of the job, whose permissions count.
  package var generation: GenerationID
  package var job: String
  package var run: Run.ID
  package var url: String
}

/// Pings that did not reach their server.
public struct PingFailure: Sendable, Hashable {
  public var script: ScriptID
  public var job: String
  public var reason: String
  /// How many runs have succeeded that nobody was told of.
  public var count: Int64

  package init(script: ScriptID, job: String, reason: String, count: Int64) {
    self.script = script
    self.job = job
    self.reason = reason
    self.count = count
  }
}
