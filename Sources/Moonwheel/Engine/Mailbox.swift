import MoonwheelCore
import Synchronization

/// What an isolate is asked to do.
enum IsolateMessage: Sendable {
  /// Load the script and tell the outcome.
  case load(@Sendable (Result<LoadedScript, ScriptError>) -> Void)
  case start(Dispatch)
  case resume(ParkID, Resumption)
  /// End the runs under way of a job, or of all, but for one.
  case cancelRuns(JobID?, except: Run.ID?, String)
  /// A job of a callback has ended.
  case release(JobHandle)
}

/// What a parked coroutine gets.
enum Resumption: Sendable {
  case values([Value])
  case raise(String)
  /// Its wait is over, or the limit of its run has come.
  case timeout
}

/// Messages for one isolate, from any thread, in order.
final class Mailbox: Sendable {
  private let messages = Mutex<[IsolateMessage]>([])

  func append(_ message: IsolateMessage) { messages.withLock { $0.append(message) } }

  func append(contentsOf more: [IsolateMessage]) {
    messages.withLock { $0.append(contentsOf: more) }
  }

  /// Swaps what has come into an empty array.
  func take(into other: inout [IsolateMessage]) {
    messages.withLock { swap(&$0, &other) }
  }
}
