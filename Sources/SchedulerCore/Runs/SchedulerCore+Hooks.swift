import MoonwheelModel
import Triggers

/// The options `on_success`, `on_failure`, `on_retry` and `on_missed`: callbacks that learn how a run ended.
extension SchedulerCore {
  /// Starts a hook for the end of a run, if the job has it.
  mutating func runHook(
    _ which: Hooks, _ index: JobIndex, _ report: borrowing RunEnd, into effects: inout Effects
  ) {
    guard wantsHook(which, index) else { return }
    dispatch(
      report.run, index, attempt: report.attempt, number: report.number,
      scheduledAt: report.scheduledAt,
      extras: Boxed(
        .init(
          hook: .init(
            which, report.outcome.hookValue, hold: report.details?.content.hold ?? .none))),
      into: &effects)
  }

  /// Starts the hook for a failure that no worker has reported, if the job has it.
  mutating func runFailureHook(
    _ run: Run.ID, _ index: JobIndex, attempt: Int32, number: Int64, scheduledAt: Timestamp,
    _ value: Value, into effects: inout Effects
  ) {
    guard wantsHook(.failure, index) else { return }
    dispatch(
      run, index, attempt: attempt, number: number, scheduledAt: scheduledAt,
      extras: Boxed(.init(hook: .init(.failure, value))), into: &effects)
  }

  /// Starts the hook for missed fires, if the job has it.
  mutating func runMissedHook(
    _ index: JobIndex, from: Timestamp, count: Int64, reason: String, into effects: inout Effects
  ) {
    guard wantsHook(.missed, index) else { return }
    let value: Value = [
      "scheduled_at": .number(Double(from.nanoseconds) / 1e9), "count": .integer(count),
      "reason": .string(reason),
    ]
    dispatch(
      newRun(), index, attempt: 1, number: jobs[index].runs, scheduledAt: from,
      extras: Boxed(.init(hook: .init(.missed, value))), into: &effects)
  }

  func wantsHook(_ which: Hooks, _ index: JobIndex) -> Bool {
    jobs[index].options.contains(.hooks) && jobs[index].policy.value.hooks.contains(which)
      && generations[jobs[index].generation].isOpen
  }
}

extension Run.Outcome {
  /// The argument of the hook that learns of the outcome.
  fileprivate var hookValue: Value {
    if case .succeeded(let result) = self {
      result
    } else {
      failure?.value(status.rawValue) ?? .nil
    }
  }
}
