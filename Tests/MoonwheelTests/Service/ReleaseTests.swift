import Layers
import Moonwheel
import MoonwheelTesting
import Testing

/// A scheduler that has stopped holds nothing of its embedder's.
@Suite struct ReleaseTests {
  private final class Token: Sendable {}

  private static let scripts = """
    every("20ms", { name = "j" }, function() f() sleep("1s") end)
    on("e", function() wait("never") end)
    after("10ms", function() emit("e") end)
    """

  @Test(arguments: [Duration.milliseconds(0), .milliseconds(100)])
  func `a scheduler that has stopped is released`(after time: Duration) async throws {
    weak var token: Token?
    do {
      let held = Token()
      token = held
      var configuration = Configuration()
      configuration.texts = [(name: "a.lua", source: Self.scripts)]
      configuration.shutdownTimeout = .seconds(0.1)
      let scheduler = try Scheduler(configuration)
      try scheduler.register("f") { _ in withExtendedLifetime(held) { .nil } }
      try scheduler.start()
      try await Task.sleep(for: time)
      await scheduler.stop()
    }
    // The thread that stops the scheduler ends a moment after the stop is told.
    for _ in 0..<200 where token != nil { try await Task.sleep(for: .milliseconds(10)) }
    #expect(token == nil, "something keeps the scheduler")
  }

  @Test func `a scheduler that never started is released`() throws {
    weak var token: Token?
    do {
      let held = Token()
      token = held
      let scheduler = try Scheduler(Configuration())
      try scheduler.register("f") { _ in withExtendedLifetime(held) { .nil } }
    }
    #expect(token == nil, "something keeps the scheduler")
  }
}
