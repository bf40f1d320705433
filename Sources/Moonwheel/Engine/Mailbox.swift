import MoonwheelCore
import Synchronization

/// What an isolate is asked to do.
enum IsolateMessage: Sendable {
  /// Load the script and tell the outcome.
  case load
  case start(Dispatch)
  case resume(ParkID, Resumption)
  /// A job of a callback has ended.
  case release(JobHandle, CallbackID)
}

/// What a parked coroutine gets.
enum Resumption: Sendable {
  case values([Value])
  case raise(String)
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
