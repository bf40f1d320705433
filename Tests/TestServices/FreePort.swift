import Glibc
import Synchronization

/// TCP ports that nobody listens on.
package enum FreePort {
  /// Below those that the kernel gives to connections, so that none of these takes a port before its server does.
  private static let range: ClosedRange<UInt16> = 20_000...32_000
  private static let count = Atomic(UInt32(getpid()) &* 31)

  /// A port of 127.0.0.1 that this process has not given before, unless it has given thousands.
  package static func next() -> UInt16 {
    while true {
      let number = count.wrappingAdd(1, ordering: .relaxed).newValue
      let port = range.lowerBound + UInt16(number % UInt32(range.count))
      if isFree(port) { return port }
    }
  }

  private static func isFree(_ port: UInt16) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    return unsafe withUnsafePointer(to: address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        unsafe bind(descriptor, pointer, size) == 0
      }
    }
  }
}
