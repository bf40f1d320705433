import Glibc
import Moonwheel
import MoonwheelSimulation
import MoonwheelTesting
import Synchronization
import TestServices
import TestSupport
import Testing

/// The option `ping`: the host tells a server of each run that succeeds.
@Suite(.timeLimit(.minutes(2))) struct PingTests {
  /// Answers 404 to `/gone`, 503 to the first two requests of `/slow`, and 200 to others. Prints the paths.
  private static let server = """
    import http.server, sys
    left = { "/slow": 2 }
    class Handler(http.server.BaseHTTPRequestHandler):
      def do_GET(self):
        left[self.path] = left.get(self.path, 0) - 1
        code = 404 if self.path == "/gone" else 503 if left[self.path] >= 0 else 200
        self.send_response(code)
        self.send_header("Content-Length", "0")
        self.end_headers()
      def log_request(self, code = "", size = ""):
        print("%s %d %s\\n" % (self.path, code, self.headers["User-Agent"]), end = "", flush = True)
    http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
    """

  private static func started() async throws -> (service: Service, port: UInt16) {
    try await inThread {
      let port = FreePort.next()
      let service = try Service(
        [TestPython.path(), "-c", server, "\(port)"], in: TemporaryFolder(), until: .port(port))
      return (service, port)
    }
  }

  private static func host(_ text: String, _ log: LogRecorder) async throws -> Scheduler {
    var configuration = Configuration()
    configuration.permissions = .asked
    configuration.texts = [(name: "a.lua", source: text)]
    let host = try Scheduler(configuration, logger: log.logger)
    try host.start()
    _ = try await host.jobs
    return host
  }

  @Test func `each success is told, a failure is not, and a lost ping is told to the script`()
    async throws
  {
    let (service, port) = try await Self.started()
    let log = LogRecorder()
    let place = "http://127.0.0.1:\(port)"
    let host = try await Self.host(
      """
      permissions { net = { "127.0.0.1:\(port)" } }
      on("bad", { name = "bad", ping = "\(place)/bad" }, function() error("no") end)
      on("good", { name = "good", ping = "\(place)/good?a=b" }, function() end)
      on("gone", { name = "gone", ping = "\(place)/gone" }, function() end)
      on("slow", { name = "slow", ping = "\(place)/slow" }, function() end)
      on("job.ping_failed", function(event)
        print(event.payload.job .. ": " .. event.payload.reason)
      end)
      """, log)
    try host.emit("bad")
    #expect(log.wait { $0.contains { $0.event == "run.failed" } })
    for event in ["good", "slow", "gone"] { try host.emit(event) }
    let lost = "gone: 127.0.0.1:\(port) answers HTTP 404"
    #expect(log.wait { $0.contains { $0.message == lost } })
    let warning =
      "the ping of a run that succeeded did not arrive: 127.0.0.1:\(port) answers HTTP 404"
    #expect(log.lines.contains { $0.message == warning })
    try await inThread {
      while !service.log.contains("/slow 200") { usleep(10_000) }
    }
    await host.stop()
    let lines = service.log.split(separator: "\n").map(String.init)
    #expect(lines.contains("/good?a=b 200 Moonwheel"))
    #expect(lines.count { $0.hasPrefix("/slow 503") } == 2)
    #expect(lines.count { $0.hasPrefix("/gone") } == 1)
    #expect(!lines.contains { $0.hasPrefix("/bad") })
  }

  @Test func `many successes share pings, and the last ones are sent before the host ends`()
    async throws
  {
    let (service, port) = try await Self.started()
    let start = ContinuousClock.now
    let host = try await Self.host(
      """
      permissions { net = { "127.0.0.1:\(port)" } }
      on("go", { name = "job", ping = "http://127.0.0.1:\(port)/" }, function() end)
      """, LogRecorder())
    for _ in 1...200 { try host.emit("go") }
    try await inThread {
      while !service.log.contains("/ 200") { usleep(10_000) }
    }
    await host.stop()
    let count = service.log.split(separator: "\n").count
    // One a second at most, and one at the end.
    let seconds = Int((ContinuousClock.now - start) / .seconds(1))
    #expect((2...seconds + 2).contains(count), "\(count) in \(seconds) s")
  }

  @Test func `a simulation shows pings, and sends none`() throws {
    var configuration = Configuration()
    configuration.texts = [
      (
        name: "a.lua",
        source: """
        permissions { net = { "ping.example" } }
        every("1h", { name = "job", ping = "https://ping.example/x" }, function() end)
        """
      )
    ]
    let pings = Mutex<[TraceEntry]>([])
    let simulation = try Simulation(configuration, from: Timestamp(seconds: 0)) { entry in
      if entry.event == "ping" { pings.withLock { $0.append(entry) } }
    }
    try simulation.load()
    try simulation.run(for: .seconds(3 * 3_600))
    let all = pings.withLock { $0 }
    #expect(all.count == 3 && all.allSatisfy { $0.job == "job" && $0.run != nil })
    #expect(all.first?["url"] == "https://ping.example/x")
  }
}
