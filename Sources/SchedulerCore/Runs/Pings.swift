import MoonwheelModel

/// Which runs are told to a server, and what is told of pings that did not arrive.
enum Pings {
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

  static func publish(
    _ failure: PingFailure, in core: borrowing SchedulerCore, into effects: inout Effects
  ) {
    guard core.interest.contains(.jobPingFailed) else { return }
    let index = core.index(named: failure.job, of: failure.script)
    effects.events.append(
      HostEvent(
        kind: .jobPingFailed, script: failure.script, job: failure.job, run: nil, scheduledAt: nil,
        count: failure.count, reason: failure.reason, failure: nil,
        isAboutHostHandler: index.map { core.jobs[$0].schedule.isHostHandler } ?? false, depth: 0))
  }
}
