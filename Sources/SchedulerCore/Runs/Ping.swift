import MoonwheelModel

/// A request that the driver sends because a run has succeeded: the option `ping`.
package struct Ping: Sendable, Hashable {
  package var script: ScriptID
  /// Of the job, whose permissions count.
  package var generation: GenerationID
  package var job: String
  package var run: Run.ID
  package var url: String

  /// Adds the ping of a run that has succeeded for good, if its job has one.
  static func add(
    _ run: Run.ID, _ index: JobIndex, of core: borrowing SchedulerCore, into effects: inout Effects
  ) {
    guard let url = core.jobs[index].policy.value.ping else { return }
    effects.pings.append(
      Ping(
        script: core.jobs[index].script,
        generation: core.generations[core.jobs[index].generation].id,
        job: core.jobs[index].name, run: run, url: url))
  }
}

/// Pings that did not reach their server.
package struct PingFailure: Sendable, Hashable {
  package var script: ScriptID
  package var job: String
  package var reason: String
  /// How many runs have succeeded that nobody was told of.
  package var count: Int64

  package init(script: ScriptID, job: String, reason: String, count: Int64) {
    self.script = script
    self.job = job
    self.reason = reason
    self.count = count
  }

  func publish(of core: borrowing SchedulerCore, into effects: inout Effects) {
    guard core.interest.contains(.jobPingFailed) else { return }
    let index = core.index(named: job, of: script)
    effects.events.append(
      HostEvent(
        kind: .jobPingFailed, script: script, job: job, run: nil, scheduledAt: nil, count: count,
        reason: reason, failure: nil,
        isAboutHostHandler: index.map { core.jobs[$0].schedule.isHostHandler } ?? false, depth: 0))
  }
}
