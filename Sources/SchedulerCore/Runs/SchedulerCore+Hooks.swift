import MoonwheelModel
import Triggers

/// The options `on_success`, `on_failure`, `on_retry` and `on_missed`: callbacks that learn how a run ended.
extension SchedulerCore {
  /// Starts a hook for the end of a run, if the job has it.
  mutating func runHook(
    _ which: Hooks, _ index: Int, _ report: borrowing RunEnd, into effects: inout Effects
  ) {
    guard wantsHook(which, index) else { return }
    let value: Value
    if case .succeeded(let result) = report.outcome {
      value = result
    } else {
      value = report.outcome.failure.map { Self.value(of: $0, report.outcome.status) } ?? .nil
    }
    startHook(
      which, index, value, run: report.run, attempt: report.attempt, number: report.number,
      scheduledAt: report.scheduledAt, into: &effects)
  }

  /// Starts the hook for missed fires, if the job has it.
  mutating func runMissedHook(
    _ index: Int, from: Timestamp, count: Int64, reason: String, into effects: inout Effects
  ) {
    guard wantsHook(.missed, index) else { return }
    let value: Value = [
      "scheduled_at": .number(Double(from.nanoseconds) / 1e9), "count": .integer(count),
      "reason": .string(reason),
    ]
    startHook(
      .missed, index, value, run: newRun(), attempt: 1, number: jobs[index].runs,
      scheduledAt: from, into: &effects)
  }

  func wantsHook(_ which: Hooks, _ index: Int) -> Bool {
    jobs[index].hasHooks && jobs[index].policy.value.hooks.contains(which)
      && generations[Int(jobs[index].generation)].isOpen
  }

  mutating func startHook(
    _ which: Hooks, _ index: Int, _ value: Value, run: Run.ID, attempt: Int32, number: Int64,
    scheduledAt: Timestamp, into effects: inout Effects
  ) {
    let generation = Int(jobs[index].generation)
    activeRuns += 1
    generations[generation].active += 1
    effects.dispatches.append(
      Dispatch(
        generation: generations[generation].id, job: id(of: index), run: run,
        handle: jobs[index].handle,
        priority: jobs[index].priority, attempt: attempt, number: number,
        scheduledAt: scheduledAt, key: jobs[index].key, isRecorded: false,
        extras: Boxed(Dispatch.Extras(hook: .init(which, value)))))
  }

  static func value(of failure: RunFailure, _ status: RunStatus) -> Value {
    var fields: [Value: Value] = [
      "message": .string(failure.message), "status": .string(status.rawValue),
    ]
    if !failure.data.isNil { fields["data"] = failure.data }
    if !failure.traceback.isEmpty { fields["traceback"] = .string(failure.traceback) }
    return .table(fields)
  }
}
