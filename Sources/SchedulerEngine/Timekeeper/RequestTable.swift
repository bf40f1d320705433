import SchedulerCore
import Synchronization

/// The senders of commands who wait for an answer of the core.
final class RequestTable: Sendable {
  typealias Answer = @Sendable (JobAnswer) -> Void

  private struct Request {
    var answer: Answer
    /// True until the run that the command has added has ended: the run's id is not the last answer then.
    var isAwaited: Bool
  }

  private struct State {
    var requests: [UInt64: Request] = [:]
    var last: UInt64 = 0
    var isClosed = false
  }

  private let state = Mutex(State())
  private static let stopped = JobAnswer.refused("the scheduler has stopped", code: "stopped")

  /// The number of a new request; nil if the table is closed, after it has told the sender so.
  func add(_ answer: @escaping Answer, isAwaited: Bool = false) -> UInt64? {
    let number = state.withLock { state -> UInt64? in
      guard !state.isClosed else { return nil }
      state.last += 1
      state.requests[state.last] = Request(answer: answer, isAwaited: isAwaited)
      return state.last
    }
    if number == nil { answer(Self.stopped) }
    return number
  }

  func answer(_ number: UInt64, _ answer: JobAnswer) {
    let receiver = state.withLock { state in
      if case .run = answer, state.requests[number]?.isAwaited == true {
        return state.requests[number]
      }
      return state.requests.removeValue(forKey: number)
    }
    receiver?.answer(answer)
  }

  /// Refuses all requests that have no answer, and all later ones.
  func close() {
    let rest = state.withLock { state in
      state.isClosed = true
      defer { state.requests = [:] }
      return state.requests
    }
    for number in rest.keys.sorted() { rest[number]?.answer(Self.stopped) }
  }
}
