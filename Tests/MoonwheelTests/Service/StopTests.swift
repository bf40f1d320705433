import Layers
import MoonwheelTesting
import Testing

@testable import Moonwheel

/// What waits when the host stops is handled, or it is said.
@Suite struct StopTests {
  @Test func `a stop hands over what was gathered, and says what it skips`() async throws {
    let host = try TestScheduler([
      "a.lua": """
      on("x", { name = "gather", debounce = "1h" }, function(events) print("gathered", #events) end)
      on("x", { name = "slow" }, function(event) sleep("1h") end)
      every("1s", { name = "q", overlap = "queue", backlog = 5 }, function() sleep("1h") end)
      after("500ms", function() for i = 1, 5 do emit("x", i) end end)
      """
    ])
    host.advance(by: 3)
    await host.stop()
    #expect(host.log.said.contains("gathered\t5"))
    let skipped = host.log.lines.filter { $0.event == "run.skipped" }
    #expect(
      skipped.map { "\($0.job ?? "") \($0.message)" }.sorted() == [
        "q run.skipped (2 times): the host stopped before it could run",
        "slow run.skipped (4 times): the host stopped before it could run",
      ])
  }
}
