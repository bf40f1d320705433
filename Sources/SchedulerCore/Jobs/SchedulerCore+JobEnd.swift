import MoonwheelModel
import Triggers

/// The end of a job that has no further fire, with a reason.
extension SchedulerCore {
  /// Finishes a job that has no further fire. `failure` is the error of its trigger function.
  mutating func endJob(_ index: JobIndex, failure: RunFailure? = nil, into effects: inout Effects) {
    guard jobs[index].state == .active else { return }
    jobs[index].state = .finished
    let isUsual = jobs[index].schedule.isOnce && !jobs[index].options.contains(.window)
    let end: (reason: String, failure: RunFailure?) =
      if let failure { (failure.message, failure) } else if isUsual { (Self.usualEnd, nil) } else {
        endReason(of: index)
      }
    if isStored(index), end.reason != Self.usualEnd { makeExtras(of: index).reason = end.reason }
    writeStatus(index, into: &effects)
    publish(.jobFinished, index, reason: end.reason, failure: end.failure, into: &effects)
  }

  private static let usualEnd = "it has no further fire"

  /// The reason why a job is paused, was cancelled, or has ended. Most ends have the same reason, for which a job needs no
  /// extras.
  func reason(of index: JobIndex) -> String? {
    let isEnded = jobs[index].state == .finished && isStored(index)
    return jobs[index].extras?.reason ?? (isEnded ? Self.usualEnd : nil)
  }

  private func endReason(of index: JobIndex) -> (reason: String, failure: RunFailure?) {
    let window = jobs[index].policy.value.window
    if let times = window.times, jobs[index].fires >= times {
      return (times == 1 ? "it has fired once" : "it has fired \(times) times", nil)
    }
    guard jobs[index].options.contains(.wallTime), case .time(let trigger) = jobs[index].trigger
    else {
      let hasTill = window.till != nil || window.tillAfter != nil
      return (hasTill ? "its till has come" : Self.usualEnd, nil)
    }
    let last = max(jobs[index].due, now(of: index))
    let search = trigger.search(
      after: Timestamp(nanoseconds: last), anchor: Timestamp(nanoseconds: jobs[index].anchor))
    switch search {
    case .fire: return ("its till has come", nil)
    case .never: return (Self.usualEnd, nil)
    case .gaveUp:
      let reason = "no fire was found among 10,000 candidates, so the search gave up"
      return (reason, RunFailure(message: "the job has ended: " + reason))
    }
  }
}
