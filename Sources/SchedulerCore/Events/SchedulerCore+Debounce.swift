import MoonwheelModel
import TimerWheel
import Triggers

/// Handlers whose runs get several events: with `debounce`, those that come until there is a pause; with `batch`, at
/// most that many. The timer of a handler, if it is set, is the end of the debounce time.
extension SchedulerCore {
  /// True while the debounce time runs and the batch is not full.
  func isGathering(_ index: JobIndex) -> Bool {
    jobs[index].schedule.gathersEvents && jobs[index].timer != .none && !isBatchFull(index)
  }

  private func isBatchFull(_ index: JobIndex) -> Bool {
    guard let batch = jobs[index].policy.value.batch else { return false }
    return (jobs[index].waiting?.count ?? 0) >= batch
  }

  /// Handles an event for a handler.
  mutating func gather(
    _ item: WaitingRuns.Item, _ index: JobIndex, into effects: inout Effects
  ) {
    guard jobs[index].schedule.gathersEvents, let debounce = jobs[index].policy.value.debounce
    else {
      request(item, index, into: &effects)
      return
    }
    if let reason = refusal(of: item, index) {
      skip(item, index, reason: reason, into: &effects)
      return
    }
    enqueue(item, index)
    let due = clock.elapsed.saturatingSum(debounce)
    let deadline = Tick(notBefore: due)
    if jobs[index].timer == .none {
      jobs[index].timer = wheel.insert(deadline: deadline, .job(index))
    } else {
      _ = wheel.reschedule(jobs[index].timer, to: deadline)
    }
    jobs[index].due = due
    startWaiting(index, into: &effects)
  }

  /// The payload of a run: an event and the events behind it in the queue, up to `batch`.
  mutating func batch(
    from event: Event, _ index: JobIndex, into effects: inout Effects
  ) -> Dispatch.Payload {
    var events = [event]
    let limit = jobs[index].policy.value.batch ?? .max
    while events.count < limit, let next = jobs[index].waiting?.removeFirstEvent() {
      events.append(next.0)
      effects.dequeued.append(id(of: index))
    }
    return .events(events)
  }
}
