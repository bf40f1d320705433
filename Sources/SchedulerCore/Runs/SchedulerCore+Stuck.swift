import MoonwheelModel
import Triggers

/// Runs that compute for long without waiting: meanwhile no other run of their script begins, and the decisions about those say
/// so.
extension SchedulerCore {
  mutating func stuck(_ run: StuckRun, into effects: inout Effects) {
    guard let place = generationIndex[run.generation], let index = index(of: run.job) else {
      return
    }
    if run.holdsUpScript {
      if generations[place].stuck == nil { stuckRuns += 1 }
      generations[place].stuck = Boxed(run)
    }
    publish(
      .runStuck, index, run: run.run,
      reason: "it has computed for \(DurationText.format(run.processorTime)) without waiting"
        + (run.holdsUpScript ? "; the script's other jobs cannot run meanwhile" : ""),
      failure: RunFailure(message: "it does not wait", traceback: run.traceback), into: &effects)
  }

  mutating func unstuck(_ generation: GenerationID, _ run: Run.ID) {
    guard stuckRuns > 0, let place = generationIndex[generation],
      generations[place].stuck?.content.run == run
    else { return }
    generations[place].stuck = nil
    stuckRuns -= 1
  }

  /// Why the job's previous run has been dispatched and has not begun: the run of another job of its script that computes; nil
  /// if there is none.
  func obstacle(of index: Int) -> String? {
    guard let stuck = generations[Int(jobs[index].generation)].stuck?.content,
      stuck.job != id(of: index)
    else { return nil }
    let name = self.index(of: stuck.job).map { jobs[$0].name } ?? "(ended)"
    return
      "job \"\(name)\" of this script (run \(stuck.run)) had computed for \(DurationText.format(stuck.processorTime)) and more without waiting, so that no other run of it could begin"
  }
}
