import MoonwheelModel
import Triggers

/// The options `overlap`, `backlog` and `max_instances`: a fire or an event that meets a run of its job under way.
extension SchedulerCore {
  @inline(__always)
  func canStart(_ index: JobIndex) -> Bool {
    jobs[index].running < jobs[index].instanceLimit && !isDraining
      && (jobs[index].waiting == nil
        || jobs[index].instanceLimit > 1 && !jobs[index].schedule.gathersEvents)
  }

  /// Makes room for a later fire. Missed fires that are caught up stay; the later fire comes after them.
  mutating func replace(_ index: JobIndex, into effects: inout Effects) {
    let catchesUp = jobs[index].waiting?.contains(where: \.isCaughtUp) ?? false
    if !catchesUp {
      effects.cancels.append(Cancellation(script: jobs[index].script, job: id(of: index)))
    }
    dropWaiting(
      index, reason: "a later fire replaced it", keepingCaughtUp: true, into: &effects)
  }

  /// The reason why an item that cannot start now must not wait; nil if it may.
  func refusal(of item: WaitingRuns.Item, _ index: JobIndex) -> String? {
    if isDraining, !item.isPending { return Drain.reason }
    let policy = jobs[index].policy.value
    return item.refusal(
      policy, isFull: waitingCount(index) >= policy.backlog,
      runLimit: jobs[index].instanceLimit, busy: BusyJob.reason(index, in: self),
      obstacle: obstacle(of: index))
  }

  mutating func enqueue(_ item: WaitingRuns.Item, _ index: JobIndex) {
    if let waiting = jobs[index].waiting {
      waiting.append(item)
      return
    }
    let waiting = WaitingRuns()
    waiting.append(item)
    jobs[index].waiting = waiting
    waitingJobs += 1
  }

  mutating func skip(
    _ item: WaitingRuns.Item, _ index: JobIndex, reason: String, into effects: inout Effects
  ) {
    switch item {
    case .pending: preconditionFailure("a pending run is never skipped")
    case .fire(let at), .caughtUp(let at):
      let run = jobs[index].running > 0 ? jobs[index].latestRun : nil
      decide(.skipped, index, at: at, reason: reason, run: run, into: &effects)
    case .event(_, let at):
      effects.dequeued.append(id(of: index))
      decide(.skipped, index, at: at, reason: reason, into: &effects)
    }
  }

  /// Skips the items that wait, except pending runs.
  mutating func dropWaiting(
    _ index: JobIndex, reason: String, keepingCaughtUp: Bool = false, into effects: inout Effects
  ) {
    assert(jobs[index].extras?.lease == nil, "\(jobs[index].name): its lease is open")
    endLease(index)
    guard let waiting = jobs[index].waiting else { return }
    let dropped = waiting.removeAll { item in
      !item.isPending && !(keepingCaughtUp && item.isCaughtUp)
    }
    for item in dropped {
      skip(item, index, reason: reason, into: &effects)
    }
    if waiting.isEmpty { forgetWaiting(index) }
  }

  mutating func forgetWaiting(_ index: JobIndex) {
    guard jobs[index].waiting != nil else { return }
    jobs[index].waiting = nil
    waitingJobs -= 1
  }

  /// A paused or cancelled job starts pending runs only. Missed fires start one after the other.
  func mayStart(_ item: WaitingRuns.Item, _ index: JobIndex) -> Bool {
    if item.isPending { return true }
    guard jobs[index].state != .paused, jobs[index].state != .cancelled else { return false }
    return !item.isCaughtUp || jobs[index].extras?.catchUpRun == nil
  }

  /// Starts the items that wait, as far as the job may run them now.
  mutating func startWaiting(_ index: JobIndex, into effects: inout Effects) {
    guard let waiting = jobs[index].waiting, !isDraining, !isGathering(index) else { return }
    while jobs[index].running < jobs[index].instanceLimit,
      let item = waiting.removeFirst(where: { mayStart($0, index) })
    {
      start(item, index, into: &effects)
    }
    if waiting.isEmpty { forgetWaiting(index) }
  }
}

extension WaitingRuns.Item {
  /// The reason why the item must not wait for its turn; nil if it may. `obstacle` keeps the previous run from beginning.
  fileprivate func refusal(
    _ policy: JobPolicy, isFull: Bool, runLimit: Int32, busy: @autoclosure () -> String?,
    obstacle: @autoclosure () -> String?
  ) -> String? {
    let isGoing = "the previous run is still going"
    switch self {
    case .pending, .caughtUp: return nil
    case .event: return isFull ? "the backlog is full (\(policy.backlog))" : nil
    case .fire:
      switch policy.overlap {
      case .queue where !isFull: return nil
      case .replace: return nil
      case .queue:
        return "\(busy() ?? isGoing), and the backlog is full (\(policy.backlog))"
      case .skip:
        return busy() ?? obstacle().map { "the previous run has not begun: \($0)" } ?? isGoing
      case .allow: return "\(runLimit) runs are still going"
      }
    }
  }
}
