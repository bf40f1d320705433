import MoonwheelModel
import Triggers

/// The fires that are to come, in wall time and without jitter.
enum NextFires {
  /// Of a job; none if it is paused.
  static func of(
    _ index: JobIndex, _ count: Int, in core: borrowing SchedulerCore
  ) -> [Timestamp] {
    guard core.jobs[index].timer != .none, core.jobs[index].schedule.isTimed else { return [] }
    let due = core.jobs[index].due
    var fires = [due]
    if case .time(let trigger) = core.jobs[index].trigger {
      fires += trigger.next(
        min(count, 1_000) - 1, after: Timestamp(nanoseconds: due),
        anchor: Timestamp(nanoseconds: core.jobs[index].anchor)
      ).map(\.nanoseconds)
    }
    var times: [Timestamp] = []
    for (offset, fire) in fires.enumerated() {
      guard offset == 0 || core.isInWindow(fire, of: index, after: Int64(offset)) else { break }
      times.append(core.wall(fire, of: index))
    }
    return times
  }

  /// The earliest of all jobs of a script; nil if there is none.
  static func first(of script: ScriptID, in core: borrowing SchedulerCore) -> Timestamp? {
    guard let record = core.scripts[script] else { return nil }
    var first: Timestamp?
    for index in core.indices(of: record)
    where core.jobs[index].timer != .none && core.jobs[index].schedule.isTimed {
      let fire = core.wall(core.jobs[index].due, of: index)
      first = min(first ?? fire, fire)
    }
    return first
  }
}
