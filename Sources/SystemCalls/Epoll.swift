import CLinux
import Glibc

/// A set of descriptors that one thread waits for at once (`epoll`).
package struct Epoll: ~Copyable {
  /// A bit for each descriptor, given when it is added.
  package typealias Bits = UInt8

  /// When epoll reports a descriptor.
  package enum Trigger {
    /// As long as it can be read.
    case level
    /// Once for each change.
    case edge
    /// Once for each change, to one waiting thread only: the one whose epoll got the descriptor first. A
    /// kernel that cannot do that reports to each.
    case exclusiveEdge
  }

  let descriptor: Descriptor

  package init() throws(SystemCallError) {
    descriptor = try Descriptor(linux_epoll_create(), of: "epoll_create1")
  }

  package func add(_ number: Int32, as bit: Bits, _ trigger: Trigger) throws(SystemCallError) {
    var code = tryAdd(number, as: bit, trigger)
    // Kernels that only imitate Linux may not know EPOLLEXCLUSIVE. Some threads then wake in vain.
    if code == EINVAL, trigger == .exclusiveEdge { code = tryAdd(number, as: bit, .edge) }
    guard code == 0 else { throw SystemCallError(call: "epoll_ctl", code: code) }
  }

  /// Returns `errno`, or 0.
  private func tryAdd(_ number: Int32, as bit: Bits, _ trigger: Trigger) -> Int32 {
    let status = linux_epoll_add(
      descriptor.number, number, bit, trigger != .level, trigger == .exclusiveEdge)
    return status == 0 ? 0 : errno
  }

  package func remove(_ number: Int32) throws(SystemCallError) {
    let status = linux_epoll_remove(descriptor.number, number)
    guard status == 0 else { throw SystemCallError(call: "epoll_ctl", code: errno) }
  }

  /// Waits until a descriptor can be read, or only looks if `blocks` is false.
  ///
  /// - Returns: the bits of those that can be read; nil if a signal interrupted the wait.
  package func wait(blocks: Bool) -> Bits? {
    let bits = linux_epoll_wait(descriptor.number, blocks)
    guard bits >= 0 else {
      precondition(errno == EINTR, "epoll_wait failed: errno \(errno)")
      return nil
    }
    return Bits(truncatingIfNeeded: bits)
  }
}
