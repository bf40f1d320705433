import LuaRuntime
import MoonwheelModel
import SchedulerCore
import Synchronization

/// What an isolate is asked to do.
package enum IsolateMessage: Sendable {
  /// Load the script and tell the outcome.
  case load(@Sendable (Result<LoadedScript, ScriptError>) -> Void)
  case starts([Dispatch])
  case resume(ParkID, Resumption)
  /// The same with `.timeout` for each of several.
  case timeouts([ParkID])
  /// A job of a callback has ended.
  case release(JobHandle)
  /// Let a function say when its job fires next, and tell it.
  case evaluate(NextFireRequest, @Sendable (NextFireAnswer) -> Void)
  /// Call a function apart from any job, and tell how that ended.
  case call(CallbackID, [Value], @Sendable (IsolateOutcome) -> Void)
}

/// What a parked coroutine gets.
package enum Resumption: Sendable {
  case values([Value])
  case raise(String)
  /// Its wait is over, or the limit of its run has come.
  case timeout
}

/// To end the runs under way of a job, or of all, but for one.
package struct CancelRuns: Sendable {
  var job: JobID?
  var except: Run.ID?
  var reason: String

  package init(
    job: JobID? = nil, except: Run.ID? = nil, reason: String
  ) {
    self.job = job
    self.except = except
    self.reason = reason
  }
}

/// Messages for one isolate, from any thread, in order; cancellations go before the others, since a run that computes
/// holds up its siblings' messages.
package final class Mailbox: Sendable {
  private let messages = Mutex<[IsolateMessage]>([])
  private let cancellations = Mutex<[CancelRuns]>([])
  private let isCancelling = Atomic<Bool>(false)
  private let isStateRequested = Atomic<Bool>(false)

  /// Asks what is going on.
  package func requestState() { isStateRequested.store(true, ordering: .sequentiallyConsistent) }

  /// Whether it was asked since the last time.
  func takeStateRequest() -> Bool {
    isStateRequested.load(ordering: .relaxed) && isStateRequested.exchange(false, ordering: .acquiringAndReleasing)
  }

  var hasCancellations: Bool { isCancelling.load(ordering: .acquiring) }

  /// One that waits and is meant for a run.
  func cancellation(hitting run: ActiveRun) -> CancelRuns? {
    guard hasCancellations else { return nil }
    return cancellations.withLock { $0.first { run.isHit(by: $0.job, $0.except) } }
  }

  /// Whether one that waits is as asked.
  func hasCancellation(where isHit: (CancelRuns) -> Bool) -> Bool {
    hasCancellations && cancellations.withLock { $0.contains(where: isHit) }
  }

  package func append(_ cancellation: CancelRuns) {
    cancellations.withLock { $0.append(cancellation) }
    // Not after the look at who has a turn, which follows.
    isCancelling.store(true, ordering: .sequentiallyConsistent)
  }

  func takeCancellations() -> [CancelRuns] {
    guard isCancelling.exchange(false, ordering: .acquiringAndReleasing) else { return [] }
    return cancellations.withLock { cancellations in
      defer { cancellations = [] }
      return cancellations
    }
  }

  func append(_ message: IsolateMessage) { messages.withLock { $0.append(message) } }

  /// Takes messages out of an array, and leaves it storage to be filled again.
  package func append(contentsOf more: inout [IsolateMessage]) {
    messages.withLock { messages in
      if messages.isEmpty {
        swap(&messages, &more)
      } else {
        messages.append(contentsOf: more)
      }
    }
  }

  var isEmpty: Bool { messages.withLock { $0.isEmpty } }

  /// Swaps what has come into an empty array.
  func take(into other: inout [IsolateMessage]) {
    messages.withLock { swap(&$0, &other) }
  }
}
