import Triggers

/// The end of a job's fires, and why it came.
extension SchedulerCore {
  /// The trigger has no further fire that counts.
  mutating func finish(_ index: Int, into effects: inout Effects) {
    guard jobs[index].state == .active else { return }
    jobs[index].state = .finished
    writeStatus(index, into: &effects)
    guard case .time(let trigger) = jobs[index].trigger else { return }
    let end = end(of: trigger, index)
    publish(.jobFinished, index, reason: end.reason, failure: end.failure, into: &effects)
  }

  private static let isOver = "it has no further fire"

  private func end(of trigger: Trigger, _ index: Int) -> (reason: String?, failure: RunFailure?) {
    if let times = jobs[index].policy.value.window.times, jobs[index].fires >= times {
      return (times == 1 ? "it has fired once" : "it has fired \(times) times", nil)
    }
    if trigger.isElapsed {
      return (jobs[index].hasWindow ? "its till has come" : Self.isOver, nil)
    }
    let last = max(jobs[index].due, now(of: index))
    let search = trigger.search(
      after: Timestamp(nanoseconds: last), anchor: Timestamp(nanoseconds: jobs[index].anchor))
    switch search {
    case .fire: return ("its till has come", nil)
    case .never: return (Self.isOver, nil)
    case .gaveUp:
      let reason = "no fire was found among 10,000 candidates, so the search gave up"
      return (reason, RunFailure(message: "the job has ended: " + reason))
    }
  }
}
