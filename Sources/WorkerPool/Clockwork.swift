import Glibc
import Synchronization
import SystemCalls

/// What alarms that stand beside each other share: the bell, the kernel's timer, and its notice that the wall clock was set.
///
/// Ringing is a word, so that it costs a system call only when it must wake somebody. It counts those that sleep, and tells
/// whether the bell was rung since one of them woke:
///
///     awake ──sleep──► sleeping ──ring──► rung   the ringer adds to the bell's counter
///       └──────────ring───────────────────► rung   nothing to do: the next sleep returns at once
final class Clockwork: Sendable {
  static let never = Int64.max
  private static let rung: UInt32 = 1
  private static let sleeper: UInt32 = 2

  private let word = Atomic<UInt32>(0)
  /// The deadline that the timer has.
  private let armed = Mutex<Int64>(never)
  /// Counts those who said that theirs is the deadline.
  private let claims = Atomic<UInt64>(0)
  /// How many alarms there are.
  private let sharers = Atomic<Int>(1)
  private let bell: Descriptor
  private let timer: Descriptor
  private let clock: Descriptor

  init(clockHorizon: Int64) throws(SystemCallError) {
    bell = try .counter()
    timer = try .timer(CLOCK_BOOTTIME)
    clock = try .timer(CLOCK_REALTIME)
    clock.set(clockHorizon, cancelledBySteps: true)
  }

  func addSharer() { sharers.wrappingAdd(1, ordering: .relaxed) }

  var isShared: Bool { sharers.load(ordering: .relaxed) > 1 }

  func add(to poller: borrowing Poller) throws(SystemCallError) {
    try poller.add(bell.number, as: Bits.bell, .exclusiveEdge)
    try poller.add(timer.number, as: Bits.timer, .exclusiveEdge)
    try poller.add(clock.number, as: Bits.clock, .exclusiveEdge)
  }

  func remove(from poller: borrowing Poller) throws(SystemCallError) {
    try poller.remove(bell.number)
    try poller.remove(timer.number)
    try poller.remove(clock.number)
  }

  /// Of what the poller tells.
  enum Bits {
    static let bell: Poller.Bits = 1
    static let timer: Poller.Bits = 2
    static let clock: Poller.Bits = 4
    static let nudge: Poller.Bits = 8
    static let watched: Poller.Bits = 16
  }

  func ring() {
    let before = word.bitwiseOr(Self.rung, ordering: .acquiringAndReleasing).oldValue
    guard before & Self.rung == 0, before >= Self.sleeper else { return }
    bell.increment()
  }

  /// False if it was rung meanwhile.
  func beginSleep() -> Bool {
    var seen = word.load(ordering: .relaxed)
    while seen & Self.rung == 0 {
      let (exchanged, original) = word.compareExchange(
        expected: seen, desired: seen + Self.sleeper, ordering: .acquiringAndReleasing)
      if exchanged { return true }
      seen = original
    }
    return false
  }

  /// Whether it was rung.
  func endSleep(hasBegun: Bool) -> Bool {
    if hasBegun { word.wrappingSubtract(Self.sleeper, ordering: .relaxed) }
    return word.bitwiseAnd(~Self.rung, ordering: .acquiringAndReleasing).oldValue & Self.rung != 0
  }

  /// To be called after the notice that the clock was set: there is another only then.
  func noteClock() { clock.clear() }

  /// Says that the deadline that the caller is about to set is the newest.
  func claim() -> UInt64 { claims.wrappingAdd(1, ordering: .acquiringAndReleasing).newValue }

  func isNewest(_ claim: UInt64) -> Bool { claims.load(ordering: .acquiring) == claim }

  /// The timer is never read: one that has expired differs from a deadline that lies ahead, and arming clears it.
  func arm(_ deadline: Int64) {
    armed.withLock { armed in
      guard armed != deadline else { return }
      timer.set(deadline == Self.never ? 0 : max(1, deadline))
      armed = deadline
    }
  }
}
