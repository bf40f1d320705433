import Layers
import Moonwheel
import MoonwheelTesting
import Testing

@Suite struct HostEventChainTests {
  @Test func `a chain of host events that leads back to itself ends`() async throws {
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

  @Test func `the pause and the resume of a script are one event each for the other scripts`()
    async throws
  {
    let host = try TestScheduler([
      "a.lua": """
      after("1s", { name = "one" }, function()
        scheduler.resume()
        scheduler.pause()
        scheduler.pause()
        sleep("1s")
        scheduler.resume()
      end)
      """,
      "b.lua": """
      on("scheduler.paused | scheduler.resumed", { name = "scheduler" }, function(e)
        print(e.name, e.payload.script, e.payload.reason, e.payload.job)
      end)
      """,
    ])
    host.advance(by: 10)
    #expect(
      host.log.said == [
        "scheduler.paused\ta.lua\tit paused itself\tnil",
        "scheduler.resumed\ta.lua\tit resumed itself\tnil",
      ])
    await host.stop()
  }
}
