import MoonwheelModel
import Triggers

/// Runs that compute for a long time without waiting. No other run of their script begins meanwhile, and the reasons of
/// skipped fires name them.
extension SchedulerCore {
  mutating func stuck(_ run: StuckRun, into effects: inout Effects) {
    guard let generation = generationIndices[run.generation], let index = index(of: run.job) else {
      return
    }
    if run.holdsUpScript {
      if generations[generation].stuck == nil { stuckRuns += 1 }
      generations[generation].stuck = Boxed(run)
    }
    publish(
      .runStuck, index, run: run.run,
      reason: "it has computed for \(DurationText.format(run.processorTime)) without waiting"
        + (run.holdsUpScript ? "; the script's other jobs cannot run meanwhile" : ""),
      failure: RunFailure(message: "it does not wait", traceback: run.traceback), into: &effects)
  }

  mutating func unstuck(_ generation: GenerationID, _ run: Run.ID) {
    guard stuckRuns > 0, let current = generationIndices[generation],
      generations[current].stuck?.content.run == run
    else { return }
    generations[current].stuck = nil
    stuckRuns -= 1
  }

  /// The reason why the job's previous run is dispatched but has not begun: a stuck run of another job of its script;
  /// nil if there is none.
  func obstacle(of index: JobIndex) -> String? {
    guard let stuck = generations[jobs[index].generation].stuck?.content,
      stuck.job != id(of: index)
    else { return nil }
    let name = self.index(of: stuck.job).map { jobs[$0].name } ?? "(ended)"
    return
      "job \"\(name)\" of this script (run \(stuck.run)) had computed for \(DurationText.format(stuck.processorTime)) or longer without waiting, so no other run of the script could begin"
  }
}
