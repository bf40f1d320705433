import Foundation
import Moonwheel
import Testing

@testable import Shell

/// The example in `Examples/Shell`: scripts run programs.
@Suite(.timeLimit(.minutes(1))) struct ShellExampleTests {
  private func events(
    of scripts: KeyValuePairs<String, String>, _ count: Int,
    _ then: (Scheduler) async throws -> Void = { _ in }
  ) async throws -> [Value] {
    var configuration = Configuration()
    configuration.texts = scripts.map { (name: $0.key, source: $0.value) }
    let scheduler = try Shell.scheduler(for: configuration)
    var said = try scheduler.events("said").makeAsyncIterator()
    try scheduler.start()
    var payloads: [Value] = []
    for _ in 0..<count {
      guard let event = await said.next() else { break }
      payloads.append(event.payload)
      try await then(scheduler)
    }
    await scheduler.stop()
    return payloads
  }

  @Test func `a script gets the output, the exit status, and the error of a missing program`()
    async throws
  {
    let said = try await events(
      of: [
        "a.lua": """
        after("1ms", function()
          emit("said", { run("echo", "hello", "moon") })
          emit("said", { run("sh", "-c", "exit 3") })
          emit("said", { pcall(run) })
        end)
        """
      ], 3)
    #expect(
      said == [
        ["hello moon\n"],
        .table([2: "sh ended with 3", 3: "exit"]),
        .table([1: true, 3: "run takes a program and its arguments", 4: "refused"]),
      ])
  }

  @Test func `a program ends with its run`() async throws {
    let said = try await events(
      of: [
        "a.lua": """
        on("go", { timeout = "200ms" }, function() run("sleep", "3517") end)
        on("run.timed_out", function() emit("said", "over") end)
        after("1ms", function() emit("go") end)
        """
      ], 1)
    #expect(said == ["over"])
    for _ in 0..<500 where try Self.isRunning("3517") {
      try await Task.sleep(for: .milliseconds(10))
    }
    #expect(try !Self.isRunning("3517"))
  }

  /// Whether a process has an argument.
  private static func isRunning(_ argument: String) throws -> Bool {
    try FileManager.default.contentsOfDirectory(atPath: "/proc").contains { folder in
      let line = FileManager.default.contents(atPath: "/proc/\(folder)/cmdline") ?? Data()
      return line.split(separator: 0).contains { String(decoding: $0, as: UTF8.self) == argument }
    }
  }
}
