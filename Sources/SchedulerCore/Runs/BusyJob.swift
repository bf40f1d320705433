import MoonwheelModel
import Triggers

/// Keeps a job busy until all that its runs began is gone: fires, events and pending runs meet it as if the run went on,
/// although the run has ended with its status.
enum BusyJob {
  /// A run has ended. The job is no longer busy with it, unless it has left something.
  static func ended(
    _ report: borrowing RunEnd, _ index: JobIndex, in core: inout SchedulerCore,
    into effects: inout Effects
  ) {
    if let resources = report.details?.content.ending {
      let entry = EndingRuns.Entry(resources: resources, run: report.run, attempt: report.attempt)
      if core.makeExtras(of: index).ending.begin(entry) {
        return note(resources.label, of: entry, index, in: &core, into: &effects)
      }
    }
    endTurn(of: report.run, index, in: &core)
  }

  private static func endTurn(
    of run: Run.ID, _ index: JobIndex, in core: inout SchedulerCore
  ) {
    core.jobs[index].running -= 1
    if core.jobs[index].schedule.hasFixedDelay, core.jobs[index].running == 0 {
      core.delayedJobs -= 1
    }
    if let extras = core.jobs[index].extras, extras.catchUpRun == run { extras.catchUpRun = nil }
  }

  /// What a run of a job began is gone. A job that was removed meanwhile is busy no more.
  static func ends(
    _ job: JobID, _ number: UInt64, in core: inout SchedulerCore, into effects: inout Effects
  ) {
    guard let index = core.index(of: job),
      let entry = core.makeExtras(of: index).ending.end(number)
    else { return }
    note(nil, of: entry, index, in: &core, into: &effects)
    endTurn(of: entry.run, index, in: &core)
    core.continueAfterRun(
      index, endedAt: core.clock.elapsed, isRecorded: core.jobs[index].hasRow, into: &effects)
  }

  /// How many of the runs that keep a job busy have ended.
  static func count(_ index: JobIndex, in core: borrowing SchedulerCore) -> Int {
    core.jobs[index].extras?.ending.entries.count ?? 0
  }

  /// Why a job is busy although its last run has ended; nil if it is not.
  static func reason(_ index: JobIndex, in core: borrowing SchedulerCore) -> String? {
    guard let last = core.jobs[index].extras?.ending.entries.last,
      Int(core.jobs[index].running) == count(index, in: core)
    else { return nil }
    return "waits for what run \(last.run) began: \(last.resources.label)"
  }

  /// Tells the history what the run has left; nil for nothing any more.
  private static func note(
    _ label: String?, of entry: EndingRuns.Entry, _ index: JobIndex,
    in core: inout SchedulerCore, into effects: inout Effects
  ) {
    guard core.isStored(index) else { return }
    core.write(.ending(entry.run, attempt: entry.attempt, label), into: &effects)
  }
}
