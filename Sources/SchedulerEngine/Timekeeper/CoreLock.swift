import ScriptHost
import Synchronization
import SystemCalls
import WorkerPool

/// Guards the core: one thread at a time steps it. That is the timekeeper's thread, or a worker, which steps the core
/// inline so that what follows from its run needs no hand-over to another thread and back.
package final class CoreLock: Sendable {
  private let loop = Mutex<TimekeeperLoop?>(nil)
  /// Whether a thread holds the lock. A worker reads it without a system call.
  private let isHeld = Atomic<Bool>(false)
  private let inbox: Inbox
  /// Whether workers may step the core.
  private let isShared: Bool

  init(inbox: Inbox, isShared: Bool) {
    self.inbox = inbox
    self.isShared = isShared
  }

  /// Makes the loop that the lock guards, until ``close()``.
  func prepare(for timekeeper: Timekeeper) {
    loop.withLock { $0 = TimekeeperLoop(timekeeper) }
  }

  /// Drops the loop and empties the inbox: later steps do nothing.
  func close() {
    loop.withLock { $0 = nil }
    inbox.clear()
  }

  /// Steps the core on the timekeeper's thread.
  func serve() -> TimekeeperLoop.Next {
    loop.withLock { loop in
      isHeld.store(true, ordering: .relaxed)
      defer { isHeld.store(false, ordering: .releasing) }
      return loop?.serve() ?? .end
    }
  }

  /// Called by a worker that has work for the core: steps it, or wakes the timekeeper's thread if that is not possible
  /// or if there is much to do.
  func stepInline(for reason: WakeReason) {
    if case .spin = reason { return spinUntilFree() }
    if !tryStepInline(for: reason) { inbox.alarm.wakeThis() }
  }

  private func tryStepInline(for reason: WakeReason) -> Bool {
    guard isShared, !isHeld.load(ordering: .relaxed) else { return false }
    return loop.withLockIfAvailable { loop in
      isHeld.store(true, ordering: .relaxed)
      defer { isHeld.store(false, ordering: .releasing) }
      return loop?.stepInline(for: reason) ?? true
    } ?? false
  }

  /// Spins until no thread holds the lock, for a few microseconds at most: less than a sleep and a wake-up take.
  private func spinUntilFree() {
    guard isShared else { return }
    let end = Clocks.monotonic() + Self.spinTime
    while isHeld.load(ordering: .acquiring), Clocks.monotonic() < end {}
  }

  /// In nanoseconds.
  private static let spinTime: Int64 = 5_000
}
