import Synchronization
import SystemCalls

/// Lets one thread sleep until a deadline, until another thread wakes it, or until somebody sets the machine's wall
/// clock.
///
/// One thread at a time sleeps on an alarm; any thread may wake it. The deadline is a timer of the kernel that counts
/// the time that the machine is suspended and has no slack.
///
/// **Sharing.** Several alarms may share waker, timer and clock. Each such event then ends one sleep only: of the
/// alarms on which a thread sleeps, that of the one made last. So whichever thread is idle keeps the time, with one
/// wake-up, and no thread must be woken to take over from a busy one. A thread that wakes must look at everything that
/// may have happened and set the deadline again. A sleep may then end without a reason.
public final class Alarm: Sendable {
  /// Why ``Alarm/sleep(until:)`` returned: one reason or several. Its bits are those with which the alarm's descriptors
  /// are added to its epoll.
  public struct Wake: OptionSet, Sendable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The deadline has come. Never early.
    public static let timer = Wake(rawValue: 1)
    /// ``Alarm/wakeOne()`` was called, once or more often.
    public static let wakeOne = Wake(rawValue: 2)
    /// The wall clock was set (not merely slewed).
    public static let clockSet = Wake(rawValue: 4)
    /// The descriptor that the alarm watches can be read, or has hung up.
    public static let readable = Wake(rawValue: 8)
    /// ``Alarm/wakeThis()`` was called, once or more often.
    public static let wakeThis = Wake(rawValue: 16)
  }

  private let waker: SharedWaker
  private let epoll: Epoll
  /// Incremented by ``wakeThis()``.
  private let ownCounter: Descriptor
  private let isAsleep = Atomic<Bool>(false)
  /// The last claim of a deadline by the thread that sleeps on this alarm.
  private let claim = Atomic<UInt64>(0)

  /// - Parameter watching: a descriptor that also ends the sleep when it can be read. The caller still owns it, and
  ///   reads it empty; otherwise the next sleep ends at once.
  /// - Throws: `SystemCallError` when the process or the machine has no descriptors left.
  public convenience init(watching: Int32? = nil) throws(SystemCallError) {
    // Far enough for the timer never to expire; a wake-up then means that the clock was set.
    try self.init(watching: watching, clockHorizon: .max / 2)
  }

  init(watching: Int32?, clockHorizon: Int64) throws(SystemCallError) {
    waker = try SharedWaker(clockHorizon: clockHorizon)
    epoll = try Epoll()
    ownCounter = try .counter()
    try epoll.add(ownCounter.number, as: Wake.wakeThis.rawValue, .edge)
    try waker.add(to: epoll)
    if let watching { try epoll.add(watching, as: Wake.readable.rawValue, .level) }
  }

  /// Makes an alarm that shares waker, timer and clock with `other`, and is woken before it.
  ///
  /// Call it before a thread sleeps on `other`.
  public init(sharing other: Alarm) throws(SystemCallError) {
    waker = other.waker
    waker.addSharer()
    epoll = try Epoll()
    ownCounter = try .counter()
    try epoll.add(ownCounter.number, as: Wake.wakeThis.rawValue, .edge)
    // The kernel wakes the epoll that was added first.
    try waker.remove(from: other.epoll)
    try waker.add(to: epoll)
    try waker.add(to: other.epoll)
  }

  /// Whether a thread sleeps, or is about to; for tests.
  var isSleeping: Bool { isAsleep.load(ordering: .acquiring) }

  /// Ends a sleep on this alarm or on one that shares with it; if no thread sleeps, the next sleep. Several calls
  /// before that sleep ends count as one.
  ///
  /// Does not block. The thread that wakes sees what the caller wrote before.
  public func wakeOne() { waker.wakeOne() }

  /// Ends the sleep on this very alarm; if no thread sleeps on it, the next sleep. Does not block.
  public func wakeThis() { ownCounter.increment() }

  /// Sleeps until there is a reason to wake. If the deadline has passed, only looks for reasons.
  ///
  /// - Parameter deadline: in nanoseconds of `Clocks.elapsed()`; nil sleeps without one.
  /// - Returns: all reasons that hold. At least one, unless the alarm shares with another.
  public func sleep(until deadline: Int64?) -> Wake {
    let deadline = deadline ?? SharedWaker.never
    var wake: Wake = []
    repeat {
      let sleeps = deadline > Clocks.elapsed() && waker.beginSleep()
      if sleeps { waker.arm(deadline) }
      wake = wait(blocks: sleeps && isDeadlineNewest)
      if waker.endSleep(hasBegun: sleeps) { wake.insert(.wakeOne) }
      if deadline <= Clocks.elapsed() {
        wake.insert(.timer)
      } else if !waker.isShared {
        wake.remove(.timer)
      }
    } while wake.isEmpty && !waker.isShared
    return wake
  }

  /// Sleeps until there is a reason to wake, with the deadline that any sharer set last.
  public func sleep() -> Wake {
    let sleeps = waker.beginSleep()
    var wake = wait(blocks: sleeps)
    if waker.endSleep(hasBegun: sleeps) { wake.insert(.wakeOne) }
    return wake
  }

  /// Sets the deadline of the threads that sleep, without sleeping. One thread at a time may call this or
  /// ``claimDeadline()``.
  public func arm(until deadline: Int64?) {
    _ = waker.claim()
    waker.arm(deadline ?? SharedWaker.never)
  }

  /// Call this when the deadline of the next sleep is computed. If another thread sets a newer one before that sleep
  /// begins, the sleep ends at once. One thread at a time may call it.
  public func claimDeadline() { claim.store(waker.claim(), ordering: .relaxed) }

  /// False if another thread has set a deadline since this thread computed its own, which then is outdated.
  private var isDeadlineNewest: Bool {
    !waker.isShared || waker.isNewest(claim.load(ordering: .relaxed))
  }

  /// Waits in the kernel. Counter and timer merely end the wait; the word and the clock tell the reason, because the
  /// counter may be left over from a wake-up that an earlier sleep has reported.
  private func wait(blocks: Bool) -> Wake {
    let wasAsleep = isAsleep.exchange(true, ordering: .acquiring)
    precondition(!wasAsleep, "two threads sleep on one alarm")
    let bits = epoll.wait(blocks: blocks) ?? 0
    isAsleep.store(false, ordering: .releasing)
    let wake = Wake(rawValue: bits)
    if wake.contains(.clockSet) { waker.acknowledgeClockSet() }
    return wake.subtracting(.wakeOne)
  }
}
