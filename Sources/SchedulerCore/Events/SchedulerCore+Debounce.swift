import MoonwheelModel
import TimerWheel
import Triggers

/// Handlers that gather events: with `debounce` until none has come for a while, with `batch` so many at most.
extension SchedulerCore {
  /// Whether the job's timer is one that waits for quiet.
  func gathers(_ index: Int) -> Bool { jobs[index].gathersEvents && !jobs[index].isTimed }

  /// Whether events are to be waited for still.
  func isGathering(_ index: Int) -> Bool {
    gathers(index) && jobs[index].timer != .none && !isBatchFull(index)
  }

  private func isBatchFull(_ index: Int) -> Bool {
    guard let batch = jobs[index].policy.value.batch else { return false }
    return (jobs[index].waiting?.count ?? 0) >= batch
  }

  /// An event has come for a handler.
  mutating func gather(
    _ item: WaitingRuns.Item, _ index: Int, into effects: inout Effects
  ) {
    guard let quiet = jobs[index].policy.value.debounce else {
      _ = request(item, index, into: &effects)
      return
    }
    if let reason = refusal(of: item, index) {
      skip(item, index, reason: reason, into: &effects)
      return
    }
    enqueue(item, index)
    let due = clock.elapsed.saturatingSum(quiet)
    let deadline = Tick(notBefore: due)
    if jobs[index].timer == .none {
      jobs[index].timer = wheel.insert(deadline: deadline, payload: UInt64(index))
    } else {
      _ = wheel.reschedule(jobs[index].timer, to: deadline)
    }
    jobs[index].due = due
    startWaiting(index, into: &effects)
  }

  /// An event and those that wait behind it, in one run.
  mutating func batch(
    from event: Event, _ index: Int, into effects: inout Effects
  ) -> Dispatch.Payload {
    var events = [event]
    let most = jobs[index].policy.value.batch ?? .max
    while events.count < most, let next = jobs[index].waiting?.removeFirstEvent() {
      events.append(next.0)
      effects.dequeued.append(id(of: index))
    }
    return .events(events)
  }
}
