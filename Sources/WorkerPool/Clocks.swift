import Glibc

/// The clocks of the machine, each read in whole nanoseconds.
///
/// A read takes about 30 ns and enters the kernel only where a clock says so. Any thread.
public enum Clocks {
  /// Time since boot, sleep of the machine included: what intervals and deadlines run on.
  ///
  /// `CLOCK_BOOTTIME`; never goes back, starts anew at boot.
  public static func elapsed() -> Int64 { read(CLOCK_BOOTTIME) }

  /// Time since boot, without the sleep of the machine: what ``Condition`` waits on.
  public static func monotonic() -> Int64 { read(CLOCK_MONOTONIC) }

  /// Time since 1970-01-01 UTC. It may be set, and may go back.
  public static func wall() -> Int64 { read(CLOCK_REALTIME) }

  /// The processor time that the calling thread has used. Enters the kernel (about 150 ns).
  public static func threadCPU() -> Int64 { read(CLOCK_THREAD_CPUTIME_ID) }

  private static func read(_ clock: Int32) -> Int64 {
    var time = timespec()
    let status = unsafe clock_gettime(clock, &time)
    precondition(status == 0, "clock \(clock) cannot be read: errno \(errno)")
    return time.nanoseconds
  }
}

extension timespec {
  static let nanosecondsPerSecond: Int64 = 1_000_000_000

  var nanoseconds: Int64 { Int64(tv_sec) * Self.nanosecondsPerSecond + Int64(tv_nsec) }

  /// A time before the clock's zero becomes the zero: the kernel refuses it otherwise.
  init(nanoseconds: Int64) {
    let clamped = max(0, nanoseconds)
    self.init(
      tv_sec: Int(clamped / Self.nanosecondsPerSecond),
      tv_nsec: Int(clamped % Self.nanosecondsPerSecond))
  }
}
