import MoonwheelModel
import SchedulerCore
import Synchronization

/// A run that the program has triggered.
public struct TriggeredRun: Sendable {
  public let id: Run.ID
  /// The job as it was when it was triggered.
  public let job: Job
  private let ending: Ending

  init(id: Run.ID, job: Job, ending: Ending) {
    self.id = id
    self.job = job
    self.ending = ending
  }

  /// Waits until the run has ended for good: after its last attempt, if the job has `retry`.
  ///
  /// Throws ``JobError`` with the code `notRunning` if the scheduler stops before; the promise may outlive that in the
  /// store. Throws `CancellationError` if the waiting task is cancelled, which does not touch the run: see ``cancel(reason:)``.
  public func outcome() async throws -> Run.Outcome { try await ending.wait() }

  /// Waits for the end of the run, as ``outcome()`` does, and returns what the callback returned. Throws the
  /// ``RunFailure`` of a run that did not succeed.
  public func result() async throws -> Value {
    let outcome = try await outcome()
    if let failure = outcome.failure { throw failure }
    guard case .succeeded(let value) = outcome else { return .nil }
    return value
  }

  /// Ends the run: see ``Job/cancel(_:reason:)``.
  public func cancel(reason: String = "the program cancelled it") async throws(JobError) {
    try await job.cancel(id, reason: reason)
  }
}

extension TriggeredRun {
  /// How the run has ended, and who waits for that.
  final class Ending: Sendable {
    private struct State {
      var result: Result<Run.Outcome, JobError>?
      var waiting: [UInt64: CheckedContinuation<Run.Outcome, any Error>] = [:]
      var lastWaiter: UInt64 = 0
      /// Waiters whose task was cancelled before they waited.
      var cancelled: Set<UInt64> = []
    }

    private let state = Mutex(State())

    func end(_ answer: JobAnswer) {
      let result: Result<Run.Outcome, JobError>
      switch answer {
      case .ended(let outcome): result = .success(outcome)
      case .refused(let why, _): result = .failure(JobError(.notRunning, why))
      case .done, .run, .status, .times, .jobs: return
      }
      let waiting = state.withLock { state in
        state.result = state.result ?? result
        defer { state.waiting = [:] }
        return state.waiting
      }
      for continuation in waiting.values { continuation.resume(with: result.mapError { $0 }) }
    }

    func wait() async throws -> Run.Outcome {
      let number = state.withLock { state in
        state.lastWaiter += 1
        return state.lastWaiter
      }
      return try await withTaskCancellationHandler {
        try await withCheckedThrowingContinuation { continuation in
          let result = state.withLock { state -> Result<Run.Outcome, any Error>? in
            if let result = state.result { return result.mapError { $0 } }
            if state.cancelled.remove(number) != nil { return .failure(CancellationError()) }
            state.waiting[number] = continuation
            return nil
          }
          if let result { continuation.resume(with: result) }
        }
      } onCancel: {
        let continuation = state.withLock { state in
          let continuation = state.waiting.removeValue(forKey: number)
          if continuation == nil, state.result == nil { state.cancelled.insert(number) }
          return continuation
        }
        continuation?.resume(throwing: CancellationError())
      }
    }
  }
}
