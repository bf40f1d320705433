import ScriptHost
import Synchronization
import SystemCalls
import WorkerPool

/// Where the timekeeper's work is done, by one thread at a time: its own, or a worker that stands in for it, so that what a
/// run leads to needs no hand-over to another thread and back.
package final class CoreLock: Sendable {
  private let loop = Mutex<TimekeeperLoop?>(nil)
  /// Whether somebody is in the seat: so that it can be looked at without a call of the kernel.
  private let isHeld = Atomic<Bool>(false)
  private let inbox: Inbox
  /// Whether workers may stand in.
  private let isShared: Bool

  init(inbox: Inbox, isShared: Bool) {
    self.inbox = inbox
    self.isShared = isShared
  }

  /// Until ``close()``.
  func prepare(for timekeeper: Timekeeper) {
    loop.withLock { $0 = TimekeeperLoop(timekeeper) }
  }

  package func close() {
    loop.withLock { $0 = nil }
    inbox.clear()
  }

  /// A step of the timekeeper's thread.
  func serve() -> TimekeeperLoop.Next {
    loop.withLock { loop in
      isHeld.store(true, ordering: .relaxed)
      defer { isHeld.store(false, ordering: .releasing) }
      return loop?.serve() ?? .over
    }
  }

  /// What a worker does that would have to wake the timekeeper's thread; it wakes that for what is more than a little.
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

  /// Waits until nobody is in the seat, for some microseconds at most: less than it takes to fall asleep and to be woken.
  private func spinUntilFree() {
    guard isShared else { return }
    let end = Clocks.monotonic() + Self.spinTime
    while isHeld.load(ordering: .acquiring), Clocks.monotonic() < end {}
  }

  /// In nanoseconds.
  private static let spinTime: Int64 = 5_000
}
