import Glibc
import Synchronization

/// What one thread sleeps on: until a deadline, until another thread rings, or until the machine's
/// wall clock is set.
///
/// One thread at a time sleeps; any thread may ring. The deadline is a timer of the kernel that
/// counts the sleep of the machine and knows no slack.
///
/// Ringing is a word with three values, so that it costs a system call only when it must wake
/// somebody:
///
///     awake ──sleep──► sleeping ──ring──► rung   the ringer writes to the descriptor
///       └──────────ring───────────────────► rung   nothing to do: the next sleep returns at once
///
/// Safe because the pointers given to the kernel are to local variables that outlive the call, and
/// the descriptors are owned by this object alone, from `init` to `deinit`.
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
  }

  private static let awake: UInt8 = 0
  private static let sleeping: UInt8 = 1
  private static let rung: UInt8 = 2
  private static let never = Int64.max

  private let ringing = Atomic<UInt8>(Alarm.awake)
  /// The deadline that the kernel's timer has. Only the sleeping thread uses it.
  private let armed = Atomic<Int64>(Alarm.never)
  private let bell: Descriptor
  private let timer: Descriptor
  private let clock: Descriptor
  private let watched: Int32

  /// - Parameter watching: a descriptor to wake for as well when it can be read; it stays the
  ///   caller's, who reads it empty, else the next sleep ends at once.
  /// - Throws: `SystemCallError` when the process or the machine has no descriptors left.
  public convenience init(watching: Int32? = nil) throws(SystemCallError) {
    // Far enough for the timer never to expire; a wake-up then means that the clock was set.
    try self.init(watching: watching, clockHorizon: .max / 2)
  }

  init(watching: Int32?, clockHorizon: Int64) throws(SystemCallError) {
    bell = try Descriptor(eventfd(0, descriptorFlags), of: "eventfd")
    timer = try Descriptor(
      createTimer(CLOCK_BOOTTIME, descriptorFlags), of: "timerfd_create")
    clock = try Descriptor(
      createTimer(CLOCK_REALTIME, descriptorFlags), of: "timerfd_create")
    watched = watching ?? -1
    Alarm.arm(clock.number, clockHorizon, flags: absolute | cancelOnSet)
  }

  /// Ends the sleep, or the next one if nobody sleeps. Rings before that sleep ends count as one.
  ///
  /// Does not block. What the caller wrote before is visible to the thread that wakes.
  public func ring() {
    guard ringing.exchange(Alarm.rung, ordering: .acquiringAndReleasing) == Alarm.sleeping else {
      return
    }
    var one: UInt64 = 1
    let written = unsafe write(bell.number, &one, 8)
    precondition(written == 8, "an alarm cannot be rung: errno \(errno)")
  }

  /// Sleeps until there is a reason to wake; with a deadline that has passed it only looks.
  ///
  /// - Parameter deadline: in nanoseconds of ``Clocks/elapsed()``; nil sleeps without one.
  /// - Returns: all reasons that hold, at least one.
  public func sleep(until deadline: Int64?) -> Wake {
    let deadline = deadline ?? Alarm.never
    var wake: Wake = []
    repeat {
      let blocks = deadline > Clocks.elapsed() && fallAsleep()
      if blocks { arm(deadline) }
      wake = wait(milliseconds: blocks ? -1 : 0)
      if ringing.exchange(Alarm.awake, ordering: .acquiringAndReleasing) == Alarm.rung {
        wake.insert(.rung)
      }
      if deadline <= Clocks.elapsed() { wake.insert(.timer) }
    } while wake.isEmpty
    return wake
  }

  /// False if it was rung meanwhile.
  private func fallAsleep() -> Bool {
    let (exchanged, original) = ringing.compareExchange(
      expected: Alarm.awake, desired: Alarm.sleeping, ordering: .acquiringAndReleasing)
    precondition(exchanged || original == Alarm.rung, "two threads sleep on one alarm")
    return exchanged
  }

  /// Asks the kernel for what only it knows. Bell and timer merely end the wait: the word and the
  /// clock tell, since a bell may be late, for a ring that an earlier sleep has returned.
  private func wait(milliseconds: Int32) -> Wake {
    let input = Int16(POLLIN)
    var polled: InlineArray<4, pollfd> = [
      pollfd(fd: bell.number, events: input, revents: 0),
      pollfd(fd: timer.number, events: input, revents: 0),
      pollfd(fd: clock.number, events: input, revents: 0),
      pollfd(fd: watched, events: input, revents: 0),
    ]
    var span = polled.mutableSpan
    let count = unsafe span.withUnsafeMutableBufferPointer {
      unsafe poll($0.baseAddress, 4, milliseconds)
    }
    guard count >= 0 else {
      precondition(errno == EINTR, "an alarm cannot sleep: errno \(errno)")
      return []
    }
    var wake: Wake = []
    if polled[0].revents != 0 { Alarm.clear(bell.number) }
    if polled[2].revents != 0 {
      Alarm.clear(clock.number)
      wake.insert(.clockSet)
    }
    if polled[3].revents != 0 { wake.insert(.readable) }
    return wake
  }
}

extension Alarm {
  private func arm(_ deadline: Int64) {
    // The timer is never read: one that has expired differs from a deadline that lies ahead, and
    // arming clears it.
    guard armed.load(ordering: .relaxed) != deadline else { return }
    Alarm.arm(timer.number, deadline == Alarm.never ? 0 : max(1, deadline), flags: absolute)
    armed.store(deadline, ordering: .relaxed)
  }

  private static func arm(_ timer: Int32, _ deadline: Int64, flags: Int32) {
    var setting = itimerspec()
    setting.it_value = timespec(nanoseconds: deadline)
    let status = unsafe setTimer(timer, flags, &setting, nil)
    precondition(status == 0, "a timer cannot be set: errno \(errno)")
  }

  /// Reads a descriptor of this object empty. It does not block, and what it tells is known.
  private static func clear(_ descriptor: Int32) {
    var count: UInt64 = 0
    _ = unsafe read(descriptor, &count, 8)
  }

  private struct Descriptor: ~Copyable {
    let number: Int32

    init(_ number: Int32, of call: String) throws(SystemCallError) {
      guard number >= 0 else { throw SystemCallError(call: call, code: errno) }
      self.number = number
    }

    deinit { close(number) }
  }
}

// Swift's Glibc module does not list sys/timerfd.h and sys/eventfd.h.
// What is made here is closed on `exec` and never blocks: O_CLOEXEC and O_NONBLOCK by other names.
private let descriptorFlags = O_CLOEXEC | O_NONBLOCK
/// `TFD_TIMER_ABSTIME`.
private let absolute: Int32 = 1
/// `TFD_TIMER_CANCEL_ON_SET`.
private let cancelOnSet: Int32 = 2

@_silgen_name("eventfd")
private func eventfd(_ initial: UInt32, _ flags: Int32) -> Int32

@_silgen_name("timerfd_create")
private func createTimer(_ clock: Int32, _ flags: Int32) -> Int32

@_silgen_name("timerfd_settime")
private func setTimer(
  _ timer: Int32, _ flags: Int32, _ new: UnsafePointer<itimerspec>,
  _ old: UnsafeMutablePointer<itimerspec>?
) -> Int32
