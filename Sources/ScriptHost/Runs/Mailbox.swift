import LuaRuntime
import MoonwheelModel
import SchedulerCore
import Synchronization

/// A request to an isolate.
package enum IsolateMessage: Sendable {
  /// Load the script.
  case load(@Sendable (Result<LoadedScript, ScriptError>) -> Void)
  case starts([Dispatch])
  case resume(ParkID, Resumption)
  /// Resume each of these with `.timeout`.
  case timeouts([ParkID])
  /// Log what something outside has written for a run.
  case lines(RunLines)
  /// A job that a callback registered has ended: free its functions.
  case release(JobHandle)
  /// Ask a trigger function for the next fire.
  case evaluate(NextFireRequest, @Sendable (NextFireAnswer) -> Void)
  /// Call a function that belongs to no job.
  case call(CallbackID, [Value], @Sendable (IsolateOutcome) -> Void)
}

/// How a wait ended.
package enum Resumption: Sendable {
  case values([Value], hold: MemoryHold = .none)
  /// A wait returns the event.
  case event(Event)
  case raise(String)
  /// The deadline of the wait or a limit of the run has come.
  case timeout
}

/// A request to end runs under way.
package struct CancelRuns: Sendable {
  /// Nil for all jobs.
  var job: JobID?
  /// Nil for all runs.
  var only: Run.ID?
  var except: Run.ID?
  var reason: String

  package init(
    job: JobID? = nil, only: Run.ID? = nil, except: Run.ID? = nil, reason: String
  ) {
    self.job = job
    self.only = only
    self.except = except
    self.reason = reason
  }

  /// Whether it ends a run of a job.
  func hits(_ run: Run.ID, of job: JobID) -> Bool {
    (self.job == nil || self.job == job) && hits(run)
  }

  /// Whether it ends a run of a job that it is meant for.
  func hits(_ run: Run.ID) -> Bool { (only == nil || only == run) && except != run }
}

/// The messages to one isolate, from any thread, in order. Cancellations overtake messages, since a run that computes
/// delays them. Leased events do too: the worker takes them when it needs them.
package final class Mailbox: Sendable {
  package let leases = LeaseTable()
  private let messages = Mutex<[IsolateMessage]>([])
  private let cancellations = Mutex<[CancelRuns]>([])
  private let isCancelling = Atomic<Bool>(false)
  private let isStateRequested = Atomic<Bool>(false)

  /// Asks the isolate to log its runs.
  package func requestState() { isStateRequested.store(true, ordering: .sequentiallyConsistent) }

  /// Whether somebody has asked since the last call.
  func consumeStateRequest() -> Bool {
    isStateRequested.load(ordering: .relaxed)
      && isStateRequested.exchange(false, ordering: .acquiringAndReleasing)
  }

  var hasCancellations: Bool { isCancelling.load(ordering: .acquiring) }

  /// The first waiting cancellation that ends this run.
  func cancellation(hitting run: LiveRun) -> CancelRuns? {
    guard hasCancellations else { return nil }
    return cancellations.withLock { $0.first { run.isHit(by: $0) } }
  }

  func hasCancellation(where isHit: (CancelRuns) -> Bool) -> Bool {
    hasCancellations && cancellations.withLock { $0.contains(where: isHit) }
  }

  package func append(_ cancellation: CancelRuns) {
    cancellations.withLock { $0.append(cancellation) }
    // Sequentially consistent: the caller checks next which isolate has a turn, and that load must not move up.
    isCancelling.store(true, ordering: .sequentiallyConsistent)
  }

  func drainCancellations() -> [CancelRuns] {
    guard isCancelling.exchange(false, ordering: .acquiringAndReleasing) else { return [] }
    return cancellations.withLock { cancellations in
      defer { cancellations = [] }
      return cancellations
    }
  }

  func append(_ message: IsolateMessage) { messages.withLock { $0.append(message) } }

  /// Moves all messages out of `more`, and leaves it empty with storage to reuse.
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

  /// Swaps the messages into `other`, which must be empty.
  func drain(into other: inout [IsolateMessage]) {
    messages.withLock { swap(&$0, &other) }
  }
}
