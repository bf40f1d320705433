import ScriptHost
import Synchronization
import WorkerPool

/// Guards the core: one thread at a time steps it. That is the timekeeper's thread, or a worker, which steps the core
/// inline so that what follows from its run needs no hand-over to another thread and back.
package final class CoreLock: Sendable {
  private let loop = Mutex<TimekeeperLoop?>(nil)
  private let inbox: Inbox

  init(inbox: Inbox) { self.inbox = inbox }

  /// Makes the loop that the lock guards, until ``close()``.
  func prepare(for timekeeper: Timekeeper) {
    loop.withLock { $0 = TimekeeperLoop(timekeeper) }
  }

  /// Drops the loop and empties the inbox: later steps do nothing. Without it the lock, the loop and the timekeeper keep
  /// each other.
  package func close() {
    loop.withLock { $0 = nil }
    inbox.clear()
  }

  /// Steps the core, on a thread that then sleeps until the deadline.
  func pump() -> TimekeeperLoop.Next {
    loop.withLock { loop in
      let next = loop?.pump(.unlimited) ?? .end
      if case .idle = next { inbox.alarm.claimDeadline() }
      return next
    }
  }

  /// How often a worker steps the core before it leaves the rest to the timekeeper's thread.
  private static let inlineSteps = 4

  /// Steps the core on a worker that has work for it, and for input that comes meanwhile. Wakes the timekeeper's thread
  /// if another thread holds the lock, or if there is much to do.
  ///
  /// An event to an idle script costs 3.5 times as much with a wake-up of that thread (SpeedBenchmark `event 1`).
  func stepInline() {
    for _ in 0..<Self.inlineSteps {
      guard let next = loop.withLockIfAvailable({ $0?.pumpInline() }) ?? nil else { break }
      guard case .more = next else { return }
    }
    inbox.alarm.wakeThis()
  }

  /// The elapsed time in nanoseconds at which something is due next, unless somebody sets the clock before. May be
  /// early, never late.
  package var nextDue: Int64? { loop.withLock { $0?.nextDue } }
}
