import MoonwheelModel
import Triggers

/// What a run began and has not ended yet when the run has ended, such as a child process that got a signal.
public struct EndingResources: Sendable {
  /// Unique in this host.
  public var number: UInt64
  /// Names them for people: `child 123`.
  public var label: String

  public init(number: UInt64, label: String) {
    self.number = number
    self.label = label
  }
}

/// The runs of one job that have ended, but not all that they began.
struct EndingRuns {
  struct Entry {
    let resources: EndingResources
    let run: Run.ID
    let attempt: Int32
  }

  private(set) var entries: [Entry] = []
  /// The numbers of resources that were gone before the core heard of the end of their run.
  private var gone: Set<UInt64> = []

  /// Returns false if they are gone already.
  mutating func begin(_ entry: Entry) -> Bool {
    guard gone.remove(entry.resources.number) == nil else { return false }
    entries.append(entry)
    return true
  }

  /// Returns the entry of resources that are gone now; nil if the end of their run comes later.
  mutating func end(_ number: UInt64) -> Entry? {
    guard let index = entries.firstIndex(where: { $0.resources.number == number }) else {
      gone.insert(number)
      return nil
    }
    return entries.remove(at: index)
  }
}

/// Keeps a job busy until all that its runs began is gone: fires, events and pending runs meet it as if the run went on,
/// although the run has ended with its status.
enum BusyJob {
  /// Returns false if nothing is left of a run that has ended, as of nearly all.
  static func begins(
    _ report: borrowing RunEnd, _ index: JobIndex, in core: inout SchedulerCore,
    into effects: inout Effects
  ) -> Bool {
    guard let resources = report.details?.content.ending else { return false }
    let entry = EndingRuns.Entry(resources: resources, run: report.run, attempt: report.attempt)
    guard core.makeExtras(of: index).ending.begin(entry) else { return false }
    note(resources.label, of: entry, index, in: &core, into: &effects)
    return true
  }

  /// What a run of a job began is gone. A job that was removed meanwhile is busy no more.
  static func ends(
    _ job: JobID, _ number: UInt64, in core: inout SchedulerCore, into effects: inout Effects
  ) {
    guard let index = core.index(of: job),
      let entry = core.makeExtras(of: index).ending.end(number)
    else { return }
    note(nil, of: entry, index, in: &core, into: &effects)
    core.endTurn(of: entry.run, index)
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
