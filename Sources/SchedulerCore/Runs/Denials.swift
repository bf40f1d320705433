import MoonwheelModel

/// Tells of what scripts may not do.
enum Denials {
  static func publish(
    _ denial: Denial, in core: borrowing SchedulerCore, into effects: inout Effects
  ) {
    guard core.interest.contains(HostEvent.Kind.runDenied) else { return }
    var (name, isHostHandler) = ("", false)
    if let job = denial.job, let index = core.index(of: job) {
      name = core.jobs[index].name
      isHostHandler = core.jobs[index].schedule.isHostHandler
    }
    var event = HostEvent(
      kind: .runDenied, script: denial.script, job: name, run: denial.run, scheduledAt: nil,
      count: denial.count, reason: denial.message, failure: nil,
      isAboutHostHandler: isHostHandler, depth: denial.depth)
    event.denial = Boxed(denial)
    effects.events.append(event)
  }
}
