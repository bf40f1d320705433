import Glibc
import Synchronization
import SystemCalls

/// The state that alarms share: a counter that wakes a sleeper, the kernel's timer, and its notice that somebody set
/// the wall clock.
///
/// ``wakeOne()`` only sets a bit in an atomic word when no thread sleeps; a system call is needed only to wake one. The
/// word also counts the sleepers:
///
///     awake ──sleep──► sleeping ──wakeOne──► woken   the caller increments the counter
///       └─────────────wakeOne──────────────► woken   no system call: the next sleep returns at once
final class SharedWaker: Sendable {
  static let never = Int64.max
  private static let woken: UInt32 = 1
  private static let sleeper: UInt32 = 2

  private let word = Atomic<UInt32>(0)
  /// The deadline that the timer is set to.
  private let armed = Mutex<Int64>(never)
  /// How often a thread claimed that its deadline is the newest.
  private let claims = Atomic<UInt64>(0)
  /// How many alarms share this.
  private let sharers = Atomic<Int>(1)
  private let counter: Descriptor
  private let timer: Descriptor
  private let clock: Descriptor

  init(clockHorizon: Int64) throws(SystemCallError) {
    counter = try .counter()
    timer = try .timer(CLOCK_BOOTTIME)
    clock = try .timer(CLOCK_REALTIME)
    clock.set(clockHorizon, cancelledBySteps: true)
  }

  func addSharer() { sharers.wrappingAdd(1, ordering: .relaxed) }

  var isShared: Bool { sharers.load(ordering: .relaxed) > 1 }

  func add(to epoll: borrowing Epoll) throws(SystemCallError) {
    try epoll.add(counter.number, as: Alarm.Wake.wakeOne.rawValue, .exclusiveEdge)
    try epoll.add(timer.number, as: Alarm.Wake.timer.rawValue, .exclusiveEdge)
    try epoll.add(clock.number, as: Alarm.Wake.clockSet.rawValue, .exclusiveEdge)
  }

  func remove(from epoll: borrowing Epoll) throws(SystemCallError) {
    try epoll.remove(counter.number)
    try epoll.remove(timer.number)
    try epoll.remove(clock.number)
  }

  func wakeOne() {
    let before = word.bitwiseOr(Self.woken, ordering: .acquiringAndReleasing).oldValue
    guard before & Self.woken == 0, before >= Self.sleeper else { return }
    counter.increment()
  }

  /// False if a thread called ``wakeOne()`` since the last sleep ended; the caller then must not block.
  func beginSleep() -> Bool {
    var seen = word.load(ordering: .relaxed)
    while seen & Self.woken == 0 {
      let (exchanged, original) = word.compareExchange(
        expected: seen, desired: seen + Self.sleeper, ordering: .acquiringAndReleasing)
      if exchanged { return true }
      seen = original
    }
    return false
  }

  /// Whether a thread called ``wakeOne()``.
  func endSleep(hasBegun: Bool) -> Bool {
    if hasBegun { word.wrappingSubtract(Self.sleeper, ordering: .relaxed) }
    return word.bitwiseAnd(~Self.woken, ordering: .acquiringAndReleasing).oldValue & Self.woken != 0
  }

  /// Rearms the notice that somebody set the clock. Call it after each notice.
  func acknowledgeClockSet() { clock.clear() }

  /// Marks the deadline that the caller is about to set as the newest.
  func claim() -> UInt64 { claims.wrappingAdd(1, ordering: .acquiringAndReleasing).newValue }

  func isNewest(_ claim: UInt64) -> Bool { claims.load(ordering: .acquiring) == claim }

  /// The expired timer is never read: a deadline that lies ahead differs from it, and setting the timer clears the
  /// expiry.
  func arm(_ deadline: Int64) {
    armed.withLock { armed in
      guard armed != deadline else { return }
      timer.set(deadline == Self.never ? 0 : max(1, deadline))
      armed = deadline
    }
  }
}
