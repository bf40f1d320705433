import Glibc
import Logging
import SystemCalls
import TestSupport
import Testing

@testable import MoonwheelCLI

/// A host that a service manager started, which waits for messages at a socket.
@Suite struct ServiceManagerTests {
  @Test func `the manager hears when all scripts are loaded, and when the host stops`() throws {
    let manager = try ManagerSocket()
    let folder = try ScriptFolder([
      "slow.lua": "local stop = os.clock() + 0.3 while os.clock() < stop do end",
      "broken.lua": "every(",
      "beat.lua": "every('1s', function() end)",
    ])
    let host = try MoonwheelProcess(
      ["run", folder.path, "--store", "memory", "--shutdown-timeout", "3s"],
      environment: ["NOTIFY_SOCKET": manager.path])
    #expect(try manager.next() == "READY=1\nSTATUS=2 scripts")
    _ = host.readMore(until: Clocks.monotonic() + 100_000_000)
    #expect(host.text(.log).contains("slow.lua"), "it was ready before the slow script was loaded")
    host.signal(SIGTERM)
    #expect(
      try manager.next() == "STOPPING=1\nEXTEND_TIMEOUT_USEC=8000000\nSTATUS=stopping")
    #expect(try host.exit() == 0)
  }

  @Test func `the manager hears of a stop that no signal causes`() throws {
    let manager = try ManagerSocket()
    let folder = try ScriptFolder(["beat.lua": "every('1s', function() end)"])
    let host = try MoonwheelProcess(
      ["run", folder.path, "--store", "memory", "--for", "200ms"],
      environment: ["NOTIFY_SOCKET": manager.path])
    #expect(try manager.next().hasPrefix("READY=1\n"))
    #expect(try manager.next().hasPrefix("STOPPING=1\n"))
    #expect(try host.exit() == 0)
  }

  @Test func `a name in the abstract name space is reached`() throws {
    let manager = try ManagerSocket(abstract: "moonwheel-test-\(getpid())")
    ServiceManager(address: manager.path, logger: Logger(label: "test"))?.ready("2 scripts")
    #expect(try manager.next() == "READY=1\nSTATUS=2 scripts")
  }

  @Test(arguments: ["/nowhere/notify", String(repeating: "x", count: 200)])
  func `a manager that cannot be reached is a warning`(address: String) throws {
    let folder = try ScriptFolder(["beat.lua": "every('1s', function() end)"])
    let outcome = try moonwheel(
      "run", folder.path, "--store", "memory", "--for", "100ms",
      environment: ["NOTIFY_SOCKET": address])
    #expect(outcome.code == 0)
    #expect(outcome.log.contains("WARN"))
    #expect(outcome.log.contains("NOTIFY_SOCKET=\(address) cannot be told"))
  }
}

/// A socket as a service manager's, in a temporary folder or in the abstract name space.
private final class ManagerSocket {
  let path: String
  private let folder: TemporaryFolder
  private let socket: Int32

  init(abstract: String? = nil) throws {
    folder = try TemporaryFolder()
    path = abstract.map { "@" + $0 } ?? folder.path + "/notify"
    socket = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let name = (abstract.map { "\0" + $0 } ?? path).utf8
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: name) }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
    let status = unsafe withUnsafePointer(to: &address) { address in
      unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(socket, $0, length)
      }
    }
    try #require(status == 0, "bind: errno \(errno)")
  }

  deinit { close(socket) }

  /// Waits for the next message.
  func next() throws -> String {
    var polled = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
    try #require(unsafe poll(&polled, 1, 20_000) == 1, "no message came")
    var buffer = [UInt8](repeating: 0, count: 4_096)
    let count = unsafe recv(socket, &buffer, buffer.count, 0)
    return String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self)
  }
}
