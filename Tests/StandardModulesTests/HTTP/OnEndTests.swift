import Moonwheel
import MoonwheelTesting
import SQLiteJobStore
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct OnEndTests {
  private func waitFor(
    _ count: String, _ text: String, _ host: Scheduler, _ log: LogRecorder
  ) async throws {
    for _ in 0..<600 {
      try host.emit(count)
      try await Task.sleep(for: .milliseconds(50))
      if log.said.contains(text) { return }
    }
    Issue.record("\(text) does not come: \(log.messages.suffix(10))")
  }

  @Test func `a request is sent when its run has ended, in whatever way`() async throws {
    let script = try await WebScript()
    let log = LogRecorder()
    let host = try await script.host(
      """
      on("fails", { name = "fails" }, function()
        assert(http.on_end { method = "DELETE", url = "$odd/gone?fails" })
        print("before " .. http.get("$odd/count?gone?fails").body)
        error("on purpose")
      end)
      on("closes", { name = "closes" }, function()
        do local left <close> = assert(http.on_end { method = "POST", url = "$odd/echo?closes", json = { 1 } }) end
        local other = http.on_end { url = "$odd/echo?cancelled" }
        other.cancel()
        other:cancel()
        print(http.on_end { url = "http://127.0.0.1:1/" })
        print(select(2, pcall(http.on_end, { url = "$odd/", to = "x" })))
      end)
      on("count", { name = "count" }, function()
        print("now " .. table.concat({ http.get("$odd/count?gone?fails").body, http.get("$odd/count?echo?closes").body,
          http.get("$odd/count?echo?cancelled").body }, " "))
      end)
      """, log)
    try host.emit("fails")
    try host.emit("closes")
    try await waitFor("count", "now 1 1 0", host, log)
    let refused = try await inThread {
      log.wait { $0.contains { $0.message.contains("http.on_end: unknown option \"to\"") } }
    }
    #expect(refused)
    #expect(log.said.contains("before 0"))
    #expect(log.said.contains { $0.hasPrefix("nil\t") && $0.hasSuffix("\tdenied") })
    await host.stop()
  }

  @Test func `the next host sends what a killed one has left`() async throws {
    let script = try await WebScript()
    let folder = try TemporaryFolder()
    let log = LogRecorder()
    let first = try await script.host(
      """
      on("go", { name = "go" }, function()
        http.on_end { method = "DELETE", url = "$odd/gone?killed", headers = { ["X-A"] = "1" } }
        print("left")
        wait("never")
      end)
      """, log, store: SQLiteJobStore(path: folder.path("store.db"))
    ) { $0.shutdownTimeout = .milliseconds(10) }
    try first.emit("go")
    _ = try await inThread { log.wait { $0.contains { $0.message == "left" } } }
    // A copy of the files is what kill -9 leaves.
    for suffix in ["", "-wal"] {
      try folder.copy(folder.path("store.db") + suffix, to: "copy.db" + suffix)
    }
    let next = try await script.host(
      """
      on("count", { name = "count" }, function() print("sent " .. http.get("$odd/count?gone?killed").body) end)
      """, log, store: SQLiteJobStore(path: folder.path("copy.db")))
    try await waitFor("count", "sent 1", next, log)
    await next.stop()
    await first.stop()
  }
}
