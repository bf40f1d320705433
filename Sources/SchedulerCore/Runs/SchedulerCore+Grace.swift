import MoonwheelModel
import Triggers

/// The option `grace`: a fire that would start too late is a misfire.
extension SchedulerCore {
  /// Records it if a run that is to start now comes too late. Events and pending runs never do.
  mutating func isMisfire(
    _ item: WaitingRuns.Item, _ index: JobIndex, into effects: inout Effects
  ) -> Bool {
    guard !item.isEvent, !item.isPending, let (late, grace) = lateness(of: item.instant, index),
      late > grace
    else { return false }
    decide(
      .misfired, index, at: item.instant, reason: jobs[index].policy.value.misfire(late),
      into: &effects)
    return true
  }

  /// How late a run would start now, counted from the instant with jitter.
  func lateness(of at: Timestamp, _ index: JobIndex) -> (late: Int64, grace: Int64)? {
    guard let grace = jobs[index].policy.value.grace else { return nil }
    let due = at.advanced(by: jitter(of: index, at: instant(at, of: index)))
    return (due.distance(to: clock.wall), grace)
  }
}

extension JobPolicy {
  /// The reason of a misfire; `late` is in nanoseconds.
  func misfire(_ late: Int64) -> String {
    "it would have started \(DurationText.format(late)) late, and its grace is \(DurationText.format(grace ?? 0))"
  }
}
