import Glibc

/// A socket of this machine that takes datagrams (`AF_UNIX`, `SOCK_DGRAM`).
///
/// Safe because the address and the text outlive the call and are passed with their length.
package enum LocalSocket {
  /// Seconds to wait while the queue of the receiver is full.
  private static let sendTimeout = 1

  /// Sends a text as one datagram. The address is a path, or `@` and a name in the abstract name space.
  package static func send(_ text: String, to address: String) throws(SystemCallError) {
    var name = sockaddr_un()
    name.sun_family = sa_family_t(AF_UNIX)
    var path = Array(address.utf8)
    if path.first == UInt8(ascii: "@") { path[0] = 0 }
    let room = MemoryLayout.size(ofValue: name.sun_path)
    guard path.count < room else { throw SystemCallError(call: "sendto", code: ENAMETOOLONG) }
    unsafe withUnsafeMutableBytes(of: &name.sun_path) { unsafe $0.copyBytes(from: path) }
    // The name of an abstract address ends where its length says, a path at its zero.
    let length = MemoryLayout<sockaddr_un>.offset(of: \.sun_path).map { $0 + path.count } ?? 0
    let kind = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    let socket = try Descriptor(Glibc.socket(AF_UNIX, kind, 0), of: "socket")
    var limit = timeval(tv_sec: sendTimeout, tv_usec: 0)
    unsafe setsockopt(
      socket.number, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    let bytes = Array(text.utf8)
    let sent = unsafe withUnsafePointer(to: &name) { name in
      unsafe name.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
        unsafe sendto(
          socket.number, bytes, bytes.count, Int32(MSG_NOSIGNAL), name, socklen_t(length))
      }
    }
    guard sent == bytes.count else { throw SystemCallError(call: "sendto") }
  }
}
