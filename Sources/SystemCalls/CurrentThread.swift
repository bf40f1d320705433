import CLinux
import Glibc

/// Calls of the kernel about the calling thread.
package enum CurrentThread {
  /// The kernel's number of the calling thread (`gettid`).
  package static var id: Int32 { linux_gettid() }

  /// Sets the name that `top -H` and debuggers show. The kernel cuts it after 15 bytes.
  package static func setName(_ name: String) {
    _ = unsafe linux_prctl_set_name(name)
  }

  /// Sets how late the kernel may end a wait of the calling thread that has a time-out, to batch wake-ups; the default
  /// is 50,000 ns. Timers of the kernel (``Descriptor/timer(_:)``) are not delayed.
  package static func setTimerSlack(nanoseconds: Int) {
    precondition(nanoseconds > 0, "timer slack must be positive, not \(nanoseconds)")
    let status = linux_prctl_set_timer_slack(UInt(nanoseconds))
    precondition(status == 0, "prctl(PR_SET_TIMERSLACK) failed: errno \(errno)")
  }
}
