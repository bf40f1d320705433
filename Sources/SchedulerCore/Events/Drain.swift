import MoonwheelModel

/// What a stop of the host does with runs that wait for their turn. Nothing starts after it, and only pending runs are
/// kept: so a handler gets at once what it has gathered, and the rest is recorded.
enum Drain {
  static let reason = "the host stopped before it could run"

  /// Any number of calls: the later ones only ask again whether the last run has ended.
  static func begin(_ core: inout SchedulerCore, into effects: inout Effects) {
    if !core.isDraining { startGathered(of: &core, into: &effects) }
    effects.isDrained = core.activeRuns == 0
    core.flushSummaries(into: &effects)
  }

  private static func startGathered(of core: inout SchedulerCore, into effects: inout Effects) {
    for index in core.jobs.indices where core.isGathering(index) {
      core.disarm(index)
      core.startWaiting(index, into: &effects)
    }
    core.isDraining = true
    for index in core.jobs.indices where core.jobs[index].waiting != nil {
      drop(index, of: &core, into: &effects)
    }
  }

  /// Records the items that wait, except pending runs.
  private static func drop(
    _ index: JobIndex, of core: inout SchedulerCore, into effects: inout Effects
  ) {
    guard let waiting = core.jobs[index].waiting else { return }
    let dropped = waiting.removeAll { !$0.isPending }
    if waiting.isEmpty { core.forgetWaiting(index) }
    guard let first = dropped.first, let last = dropped.last else { return }
    for item in dropped where item.isEvent { effects.dequeued.append(core.id(of: index)) }
    core.decide(
      .skipped, index, at: first.instant, through: last.instant, count: Int64(dropped.count),
      reason: reason, into: &effects)
  }
}
