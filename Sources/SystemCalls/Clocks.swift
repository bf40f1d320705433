import Glibc

/// The clocks of the machine, each read in whole nanoseconds.
///
/// A read takes about 30 ns and does not enter the kernel unless its comment says so. Any thread.
///
/// Public, because the compiler inlines no `package` function into another target, and a fire reads clocks.
public enum Clocks {
  /// Time since boot, including time that the machine was suspended. Intervals and deadlines use it.
  ///
  /// `CLOCK_BOOTTIME`; it never goes back.
  @inlinable public static func elapsed() -> Int64 { read(CLOCK_BOOTTIME) }

  /// Time since boot without the time that the machine was suspended. Waits on a condition use it.
  ///
  /// `CLOCK_MONOTONIC`; it never goes back.
  @inlinable public static func monotonic() -> Int64 { read(CLOCK_MONOTONIC) }

  /// Time since 1970-01-01 UTC. It may be set, and may go back.
  @inlinable public static func wall() -> Int64 { read(CLOCK_REALTIME) }

  /// A wall time before the time stamp of every file that changes from now on. The system stamps files by its tick,
  /// which lags by up to 10 ms.
  public static func fileTime() -> Int64 { wall() - 20_000_000 }

  /// The processor time that the calling thread has used. Enters the kernel (about 150 ns).
  @inlinable public static func threadCPU() -> Int64 { read(CLOCK_THREAD_CPUTIME_ID) }

  @inlinable static func read(_ clock: Int32) -> Int64 {
    var time = timespec()
    guard unsafe clock_gettime(clock, &time) == 0 else { refused(clock) }
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  /// A function of its own, so that the message is not built where a clock is read.
  @usableFromInline static func refused(_ clock: Int32) -> Never {
    preconditionFailure("clock \(clock) cannot be read: errno \(errno)")
  }
}
