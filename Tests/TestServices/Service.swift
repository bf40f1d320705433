import Glibc
import Synchronization
import SystemCalls
import TestSupport

/// A server that a test starts and that ends with this object, or with the process of the tests.
///
/// Its folder is its current one, with all that it has written to its output in `service.log`. Safe because the arrays and
/// structures given to libc outlive the call.
package final class Service: Sendable {
  /// How one sees that it answers.
  package enum Sign: Sendable {
    /// Somebody listens on this TCP port of 127.0.0.1.
    case port(UInt16)
    /// Somebody listens on the socket with this path.
    case socket(String)
  }

  package struct StartError: Error, CustomStringConvertible {
    package let description: String
  }

  package let folder: TemporaryFolder
  private let group: pid_t
  private let lifeline: Int32

  /// Runs the command until its input ends, which it does with whoever holds the other end. Then kills its whole group.
  private static let keeper = #""$@" </dev/null >service.log 2>&1 & read -r _; kill -KILL 0"#

  /// Starts the command, found by PATH, and waits until the sign is seen, for `limit` nanoseconds at most. Blocks; in an async test
  /// call it by ``inThread(_:)``.
  package init(
    _ command: [String], in folder: TemporaryFolder, environment: [String: String] = [:],
    until sign: Sign, within limit: Int64 = 60_000_000_000
  ) throws {
    self.folder = folder
    var ends: [Int32] = [0, 0]
    // As a pipe, but closed on exec from its beginning, so that no other child inherits an end.
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    guard unsafe socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
      throw SystemCallError(call: "socketpair", code: errno)
    }
    lifeline = ends[1]
    let variables = environment.map { "\($0.key)=\($0.value)" }
    let started = Result { [input = ends[0]] () throws(StartError) in
      try Self.spawn(
        ["/usr/bin/env", "--default-signal", "-C", folder.path] + variables
          + ["/bin/sh", "-c", Self.keeper, "sh"] + command, input: input)
    }
    close(ends[0])
    switch started {
    case .success(let child): group = child
    case .failure(let error):
      close(ends[1])
      throw error
    }
    try wait(for: sign, of: command, within: limit)
  }

  deinit { end() }

  /// Ends it at once, as when its machine loses power. A second call does nothing.
  package func end() {
    guard isRunning.exchange(false, ordering: .relaxed) else { return }
    close(lifeline)
    kill(-group, SIGKILL)
    var status: Int32 = 0
    while unsafe waitpid(group, &status, 0) < 0, errno == EINTR {}
  }

  private let isRunning = Atomic(true)

  /// What it has written so far.
  package var log: String {
    guard let bytes = try? RegularFile.read(folder.path("service.log"), atMost: 16 << 20) else {
      return ""
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func wait(for sign: Sign, of command: [String], within limit: Int64) throws {
    let deadline = Clocks.monotonic() + limit
    while !sign.isSeen {
      guard Clocks.monotonic() < deadline else {
        throw StartError(
          description: "\(command.joined(separator: " ")) does not answer:\n\(log.suffix(4_000))")
      }
      usleep(10_000)
    }
  }

  private static func spawn(
    _ words: [String], input: Int32
  ) throws(StartError) -> pid_t {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
    var child: pid_t = 0
    var strings: [UnsafeMutablePointer<CChar>?] = unsafe words.map { unsafe strdup($0) } + [nil]
    defer { for index in unsafe strings.indices { unsafe free(strings[index]) } }
    let status = unsafe posix_spawn(
      &child, words[0], &actions, &attributes, &strings, unsafe environ)
    guard status == 0 else { throw StartError(description: "\(words[0]): errno \(status)") }
    return child
  }
}

extension Service.Sign {
  fileprivate var isSeen: Bool {
    switch self {
    case .port(let port):
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = port.bigEndian
      address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
      return connects(AF_INET, address)
    case .socket(let path):
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      unsafe withUnsafeMutableBytes(of: &address.sun_path) { bytes in
        for (index, byte) in path.utf8.prefix(bytes.count - 1).enumerated() {
          unsafe bytes[index] = byte
        }
      }
      return connects(AF_UNIX, address)
    }
  }

  private func connects<Address>(_ family: Int32, _ address: Address) -> Bool {
    let descriptor = Glibc.socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    let size = socklen_t(MemoryLayout<Address>.size)
    return unsafe withUnsafePointer(to: address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        unsafe connect(descriptor, pointer, size) == 0
      }
    }
  }
}
