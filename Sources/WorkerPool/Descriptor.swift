import Glibc

/// A descriptor that its owner alone has, closed with it.
struct Descriptor: ~Copyable {
  let number: Int32

  init(_ number: Int32, of call: String) throws(SystemCallError) {
    guard number >= 0 else { throw SystemCallError(call: call, code: errno) }
    self.number = number
  }

  deinit { close(number) }

  /// A counter that a thread can wait on, as `eventfd` makes it.
  static func counter() throws(SystemCallError) -> Descriptor {
    try Descriptor(eventfd(0, options), of: "eventfd")
  }

  /// A timer of the kernel on a clock.
  static func timer(_ clock: Int32) throws(SystemCallError) -> Descriptor {
    try Descriptor(timerfd(clock, options), of: "timerfd_create")
  }

  /// What tells of several at once.
  static func poller() throws(SystemCallError) -> Descriptor {
    try Descriptor(epoll(O_CLOEXEC), of: "epoll_create1")
  }

  /// Closed on `exec` and never blocking: `O_CLOEXEC` and `O_NONBLOCK` have the same values under other names.
  private static var options: Int32 { O_CLOEXEC | O_NONBLOCK }

  /// Adds one to a counter, which cannot fail before it has come to 2^64.
  func increment() {
    var one: UInt64 = 1
    let written = unsafe write(number, &one, 8)
    precondition(written == 8, "an alarm cannot be rung: errno \(errno)")
  }

  /// Reads a counter or timer empty. It does not block, and what it tells is known.
  func clear() {
    var count: UInt64 = 0
    _ = unsafe read(number, &count, 8)
  }

  /// Sets a timer to an absolute time, in nanoseconds; 0 is never.
  func set(_ deadline: Int64, cancelledBySteps: Bool = false) {
    var setting = itimerspec()
    setting.it_value = timespec(nanoseconds: deadline)
    let flags = cancelledBySteps ? Self.absolute | Self.cancelOnSet : Self.absolute
    let status = unsafe setTimer(number, flags, &setting, nil)
    precondition(status == 0, "a timer cannot be set: errno \(errno)")
  }

  /// `TFD_TIMER_ABSTIME`.
  private static var absolute: Int32 { 1 }
  /// `TFD_TIMER_CANCEL_ON_SET`.
  private static var cancelOnSet: Int32 { 2 }
}

// Swift's Glibc module does not list sys/timerfd.h, sys/eventfd.h and sys/epoll.h.
@_silgen_name("eventfd")
private func eventfd(_ initial: UInt32, _ flags: Int32) -> Int32

@_silgen_name("timerfd_create")
private func timerfd(_ clock: Int32, _ flags: Int32) -> Int32

@_silgen_name("timerfd_settime")
private func setTimer(
  _ timer: Int32, _ flags: Int32, _ new: UnsafePointer<itimerspec>,
  _ old: UnsafeMutablePointer<itimerspec>?
) -> Int32

@_silgen_name("epoll_create1")
private func epoll(_ flags: Int32) -> Int32
