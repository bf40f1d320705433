import SystemCalls
import TestServices
import TestSupport
import Testing

/// The servers of the other tests.
@Suite(.timeLimit(.minutes(2))) struct TestServiceTests {
  @Test func `a server listens until it is released`() async throws {
    try await inThread {
      let port = FreePort.next()
      let folder = try TemporaryFolder()
      try folder.write("a.txt", "hello")
      do {
        let service = try Service(
          [TestPython.path(), "-m", "http.server", "--bind", "127.0.0.1", "\(port)"], in: folder,
          until: .port(port))
        #expect(throws: Service.StartError.self) {
          try Service(
            [TestPython.path(), "-m", "http.server", "--bind", "127.0.0.1", "\(port)", "--cgi"],
            in: try TemporaryFolder(), until: .socket("/tmp/none"), within: 100_000_000)
        }
        service.end()
      }
      _ = try Service(
        [TestPython.path(), "-m", "http.server", "--bind", "127.0.0.1", "\(port)"], in: folder,
        until: .port(port))
    }
  }
}
