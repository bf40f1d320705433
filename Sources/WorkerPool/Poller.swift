import Glibc

/// Descriptors on which one thread waits, as `epoll` does it.
///
/// Safe because the memory that the kernel is given lies in local variables that outlive the call.
struct Poller: ~Copyable {
  /// Which descriptors can be read, as bits of what they were added with.
  typealias Bits = UInt8

  enum Manner {
    /// Tells of it as long as it can be read.
    case level
    /// Tells of each change once, to one of the threads that wait: to the one whose poller it was added to first. Where that
    /// cannot be had, to each of them.
    case edgeOfOne
    /// Tells of each change once.
    case edge
  }

  let descriptor: Descriptor

  init() throws(SystemCallError) { descriptor = try .poller() }

  func add(_ number: Int32, as bit: Bits, _ manner: Manner) throws(SystemCallError) {
    var code = tryAdd(number, as: bit, manner)
    // Kernels that only stand in for Linux may not know of it: then some threads wake in vain.
    if code == EINVAL, manner == .edgeOfOne { code = tryAdd(number, as: bit, .edge) }
    guard code == 0 else { throw SystemCallError(call: "epoll_ctl", code: code) }
  }

  /// The code of the error, or 0.
  private func tryAdd(_ number: Int32, as bit: Bits, _ manner: Manner) -> Int32 {
    var event = Events(repeating: 0)
    event[0] = Self.readable | manner.flags
    // The low half, on the little-endian machines that there are.
    event[Self.words - 2] = UInt32(bit)
    var span = event.mutableSpan
    let status = unsafe span.withUnsafeMutableBufferPointer {
      unsafe control(descriptor.number, Self.addition, number, $0.baseAddress)
    }
    return status == 0 ? 0 : errno
  }

  func remove(_ number: Int32) throws(SystemCallError) {
    let status = control(descriptor.number, Self.removal, number, nil)
    guard status == 0 else { throw SystemCallError(call: "epoll_ctl", code: errno) }
  }

  /// Waits until one can be read, or only looks; nil where a signal came between.
  func wait(blocks: Bool) -> Bits? {
    var events = Events(repeating: 0)
    var span = events.mutableSpan
    let count = unsafe span.withUnsafeMutableBufferPointer {
      unsafe epollWait(descriptor.number, $0.baseAddress, 8, blocks ? -1 : 0)
    }
    guard count >= 0 else {
      precondition(errno == EINTR, "an alarm cannot sleep: errno \(errno)")
      return nil
    }
    var bits: Bits = 0
    for place in 0..<Int(count) {
      bits |= Bits(truncatingIfNeeded: events[place * Self.words + Self.words - 2])
    }
    return bits
  }

  /// `struct epoll_event`: flags, and 8 bytes of the caller's, which lie behind a gap but on x86-64.
  #if arch(x86_64)
    private typealias Events = InlineArray<24, UInt32>
    private static var words: Int { 3 }
  #else
    private typealias Events = InlineArray<32, UInt32>
    private static var words: Int { 4 }
  #endif
  /// `EPOLLIN`.
  fileprivate static var readable: UInt32 { 1 }
  /// `EPOLL_CTL_ADD`.
  private static var addition: Int32 { 1 }
  /// `EPOLL_CTL_DEL`.
  private static var removal: Int32 { 2 }
}

extension Poller.Manner {
  /// `EPOLLET`, and `EPOLLEXCLUSIVE`.
  fileprivate var flags: UInt32 {
    switch self {
    case .level: 0
    case .edge: 1 << 31
    case .edgeOfOne: 1 << 31 | 1 << 28
    }
  }
}

@_silgen_name("epoll_ctl")
private func control(
  _ poller: Int32, _ operation: Int32, _ descriptor: Int32, _ event: UnsafeMutablePointer<UInt32>?
) -> Int32

@_silgen_name("epoll_wait")
private func epollWait(
  _ poller: Int32, _ events: UnsafeMutablePointer<UInt32>?, _ most: Int32, _ milliseconds: Int32
) -> Int32
