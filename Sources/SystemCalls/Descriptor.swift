import CLinux
import Glibc

/// A file descriptor with one owner, closed when the owner ends.
package struct Descriptor: ~Copyable {
  package let number: Int32

  /// Takes over the result of the call, which has just returned: it throws if that failed.
  package init(_ number: Int32, of call: String) throws(SystemCallError) {
    guard number >= 0 else { throw SystemCallError(call: call, code: errno) }
    self.number = number
  }

  deinit { close(number) }

  /// Another descriptor of the same open file.
  package func copy() throws(SystemCallError) -> Descriptor {
    try Descriptor(fcntl(number, F_DUPFD_CLOEXEC, 0), of: "fcntl")
  }

  /// A counter that a thread can wait for (`eventfd`).
  package static func counter() throws(SystemCallError) -> Descriptor {
    try Descriptor(linux_eventfd(), of: "eventfd")
  }

  /// A timer of the kernel on one of its clocks, such as `CLOCK_BOOTTIME` (`timerfd`).
  package static func timer(_ clock: Int32) throws(SystemCallError) -> Descriptor {
    try Descriptor(linux_timerfd_create(clock), of: "timerfd_create")
  }

  /// Adds one to a counter. This fails only when the counter is near 2^64.
  package func increment() {
    var one: UInt64 = 1
    let written = unsafe Glibc.write(number, &one, 8)
    precondition(written == 8, "descriptor \(number) cannot be incremented: errno \(errno)")
  }

  /// Resets a counter or timer to zero by reading it. Does not block.
  package func clear() {
    var count: UInt64 = 0
    _ = unsafe Glibc.read(number, &count, 8)
  }

  /// Sets a timer to an absolute time in nanoseconds; 0 disarms it.
  ///
  /// With `cancelledBySteps`, the timer also becomes readable when somebody sets the clock.
  package func set(_ deadline: Int64, cancelledBySteps: Bool = false) {
    let status = linux_timerfd_settime(
      number, timespec(nanoseconds: deadline), cancelledBySteps)
    precondition(status == 0, "timer \(number) cannot be set: errno \(errno)")
  }
}
