import MoonwheelTesting
import Testing

@testable import Moonwheel

@Suite struct HostEventChainTests {
  @Test func `a host event that leads to itself over a second handler is cut`() async throws {
    let host = try TestScheduler([
      "a.lua": """
      on("run.succeeded", { name = "watcher" }, function() emit("echo") end)
      on("echo", { name = "echo" }, function() print("echo") end)
      after("1s", { name = "seed" }, function() end)
      """
    ])
    host.advance(by: 10)
    let echoes = host.log.messages.count { $0 == "echo" }
    #expect((1...16).contains(echoes))
    await host.stop()
  }
}
