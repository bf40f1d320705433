import Synchronization
import SystemCalls

/// What one thread sleeps on: until a deadline, until another thread rings, or until the machine's
/// wall clock is set.
///
/// One thread at a time sleeps; any thread may ring. The deadline is a timer of the kernel that
/// counts the sleep of the machine and knows no slack.
///
/// **Beside each other.** Several alarms may share bell, timer and clock. Each thing that happens then ends the sleep of one
/// of them: of the one that was made last, of those on which a thread sleeps. So the time is kept by whoever has nothing else
/// to do, with one wake-up, and nobody needs to be woken to take over from a thread that is busy. Whoever wakes has to
/// look at all that there is to look at, and to set the deadline anew. A sleep may then end without a reason.
public final class Alarm: Sendable {
  /// Why ``Alarm/sleep(until:)`` returned: one reason or several.
  public struct Wake: OptionSet, Sendable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The deadline has come. Never early.
    public static let timer = Wake(rawValue: 1)
    /// ``Alarm/ring()`` was called, once or more often.
    public static let rung = Wake(rawValue: 2)
    /// The wall clock was set (not merely slewed).
    public static let clockSet = Wake(rawValue: 4)
    /// The descriptor that the alarm watches can be read, or has hung up.
    public static let readable = Wake(rawValue: 8)
    /// ``Alarm/nudge()`` was called, once or more often.
    public static let nudged = Wake(rawValue: 16)
  }

  private let clockwork: Clockwork
  private let poller: Poller
  private let nudges: Descriptor
  private let isAsleep = Atomic<Bool>(false)
  /// The last claim of the deadline by who sleeps on this one.
  private let claim = Atomic<UInt64>(0)

  /// - Parameter watching: a descriptor to wake for as well when it can be read; it stays the
  ///   caller's, who reads it empty, else the next sleep ends at once.
  /// - Throws: `SystemCallError` when the process or the machine has no descriptors left.
  public convenience init(watching: Int32? = nil) throws(SystemCallError) {
    // Far enough for the timer never to expire; a wake-up then means that the clock was set.
    try self.init(watching: watching, clockHorizon: .max / 2)
  }

  init(watching: Int32?, clockHorizon: Int64) throws(SystemCallError) {
    clockwork = try Clockwork(clockHorizon: clockHorizon)
    poller = try Poller()
    nudges = try .counter()
    try poller.add(nudges.number, as: Clockwork.Bits.nudge, .edge)
    try clockwork.add(to: poller)
    if let watching { try poller.add(watching, as: Clockwork.Bits.watched, .level) }
  }

  /// Beside another, before which it is woken; to be made before a thread sleeps on that.
  public init(beside other: Alarm) throws(SystemCallError) {
    clockwork = other.clockwork
    clockwork.addSharer()
    poller = try Poller()
    nudges = try .counter()
    try poller.add(nudges.number, as: Clockwork.Bits.nudge, .edge)
    // Who was added first is woken first.
    try clockwork.remove(from: other.poller)
    try clockwork.add(to: poller)
    try clockwork.add(to: other.poller)
  }

  /// Whether a thread is about to sleep, or does; for tests.
  var isSleeping: Bool { isAsleep.load(ordering: .acquiring) }

  /// Ends a sleep, or the next one if nobody sleeps. Rings before that sleep ends count as one.
  ///
  /// Does not block. What the caller wrote before is visible to the thread that wakes.
  public func ring() { clockwork.ring() }

  /// Ends the sleep on this alarm, or the next one, whatever stands beside it. Does not block.
  public func nudge() { nudges.increment() }

  /// Sleeps until there is a reason to wake; with a deadline that has passed it only looks.
  ///
  /// - Parameter deadline: in nanoseconds of ``Clocks/elapsed()``; nil sleeps without one.
  /// - Returns: all reasons that hold, at least one; maybe none if others stand beside it.
  public func sleep(until deadline: Int64?) -> Wake {
    let deadline = deadline ?? Clockwork.never
    var wake: Wake = []
    repeat {
      let sleeps = deadline > Clocks.elapsed() && clockwork.beginSleep()
      if sleeps { clockwork.arm(deadline) }
      wake = wait(blocks: sleeps && isDeadlineNewest)
      if clockwork.endSleep(hasBegun: sleeps) { wake.insert(.rung) }
      if deadline <= Clocks.elapsed() {
        wake.insert(.timer)
      } else if !clockwork.isShared {
        wake.remove(.timer)
      }
    } while wake.isEmpty && !clockwork.isShared
    return wake
  }

  /// The same until whatever deadline was set last.
  public func sleep() -> Wake {
    let sleeps = clockwork.beginSleep()
    var wake = wait(blocks: sleeps)
    if clockwork.endSleep(hasBegun: sleeps) { wake.insert(.rung) }
    return wake
  }

  /// Sets the deadline without sleeping: for whoever sleeps. To be called, as ``claimDeadline()``, by one thread at a time.
  public func arm(until deadline: Int64?) {
    _ = clockwork.claim()
    clockwork.arm(deadline ?? Clockwork.never)
  }

  /// To be called where the deadline of the next sleep is found, by one thread at a time: if another sets a later one before
  /// that sleep begins, it ends at once.
  public func claimDeadline() { claim.store(clockwork.claim(), ordering: .relaxed) }

  /// Another may have set one since this one was found, which it must not undo.
  private var isDeadlineNewest: Bool {
    !clockwork.isShared || clockwork.isNewest(claim.load(ordering: .relaxed))
  }

  /// Asks the kernel for what only it knows. Bell and timer merely end the wait: the word and the
  /// clock tell, since a bell may be late, for a ring that an earlier sleep has returned.
  private func wait(blocks: Bool) -> Wake {
    let wasAsleep = isAsleep.exchange(true, ordering: .acquiring)
    precondition(!wasAsleep, "two threads sleep on one alarm")
    let bits = poller.wait(blocks: blocks) ?? 0
    isAsleep.store(false, ordering: .releasing)
    var wake: Wake = []
    if bits & Clockwork.Bits.timer != 0 { wake.insert(.timer) }
    if bits & Clockwork.Bits.clock != 0 {
      clockwork.noteClock()
      wake.insert(.clockSet)
    }
    if bits & Clockwork.Bits.nudge != 0 { wake.insert(.nudged) }
    if bits & Clockwork.Bits.watched != 0 { wake.insert(.readable) }
    return wake
  }
}
