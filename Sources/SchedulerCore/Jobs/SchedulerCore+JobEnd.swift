import MoonwheelModel
import Triggers

/// The end of a job that has no further fire, with a reason.
extension SchedulerCore {
  /// Finishes a job that has no further fire. `failure` is the error of its trigger function.
  mutating func endJob(_ index: Int, failure: RunFailure? = nil, into effects: inout Effects) {
    guard jobs[index].state == .active else { return }
    jobs[index].state = .finished
    let end = failure.map { (reason: $0.message, failure: $0) } ?? endReason(of: index)
    if isStored(index) { makeExtras(of: index).reason = end.reason }
    writeStatus(index, into: &effects)
    publish(.jobFinished, index, reason: end.reason, failure: end.failure, into: &effects)
  }

  private func endReason(of index: Int) -> (reason: String?, failure: RunFailure?) {
    let isOver = "it has no further fire"
    let window = jobs[index].policy.value.window
    if let times = window.times, jobs[index].fires >= times {
      return (times == 1 ? "it has fired once" : "it has fired \(times) times", nil)
    }
    guard case .time(let trigger) = jobs[index].trigger, !trigger.isElapsed else {
      return (window.till != nil || window.tillAfter != nil ? "its till has come" : isOver, nil)
    }
    let last = max(jobs[index].due, now(of: index))
    let search = trigger.search(
      after: Timestamp(nanoseconds: last), anchor: Timestamp(nanoseconds: jobs[index].anchor))
    switch search {
    case .fire: return ("its till has come", nil)
    case .never: return (isOver, nil)
    case .gaveUp:
      let reason = "no fire was found among 10,000 candidates, so the search gave up"
      return (reason, RunFailure(message: "the job has ended: " + reason))
    }
  }
}
