import MoonwheelModel

/// Ends one run of a job, under way or pending.
enum RunCancellation {
  static func cancel(
    _ cancelled: JobCommand.CancelledRun, of index: JobIndex, in core: inout SchedulerCore,
    into effects: inout Effects
  ) {
    let pending = removePending(cancelled.run, of: index, in: &core)
    if let pending {
      core.jobs[index].pendingCount = max(0, core.jobs[index].pendingCount - 1)
      core.end([pending], of: index, reason: "cancelled: \(cancelled.reason)", into: &effects)
      core.removeIfEnded(index, into: &effects)
    } else if core.jobs[index].running > 0 {
      effects.cancels.append(
        Cancellation(
          script: core.jobs[index].script, job: core.id(of: index), only: cancelled.run,
          reason: cancelled.reason))
    }
  }

  private static func removePending(
    _ run: Run.ID, of index: JobIndex, in core: inout SchedulerCore
  ) -> PendingRun? {
    let waiting = core.jobs[index].waiting?.removeAll { $0.pending?.content.run == run }
    if core.jobs[index].waiting?.isEmpty == true { core.forgetWaiting(index) }
    return waiting?.first?.pending?.content
      ?? core.delays.remove(
        run, of: core.jobs[index].script, core.jobs[index].name, in: &core.wheel)
  }
}
