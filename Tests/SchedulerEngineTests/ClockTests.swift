import Layers
import Moonwheel
import MoonwheelTesting
import Testing

@Suite struct ClockTests {
  private static let hour = 3_600_000_000_000 as Int64

  @Test func `a step of the wall clock is an event, and moves only calendar triggers`() async throws
  {
    let host = try TestScheduler([
      "a.lua": """
      on("scheduler.clock_stepped", function(e) print("stepped " .. e.payload.by) end)
      cron("0 0-23 * * *", { name = "fixed" }, function(run) print("fixed " .. date(run.scheduled_at, "%H:%M")) end)
      cron("*/30 * * * *", { name = "wild" }, function(run) print("wild " .. date(run.scheduled_at, "%H:%M")) end)
      every("50m", { name = "elapsed" }, function(run) print("elapsed " .. run.n) end)
      """
    ])
    host.advance(by: 10 * 60)
    host.clock.stepWall(by: Self.hour)  // 00:10 becomes 01:10
    host.advance(by: 1)
    #expect(host.log.messages.contains("stepped 3600.0"))
    #expect(host.log.messages.contains("fixed 01:00"))
    #expect(!host.log.messages.contains { $0.hasPrefix("wild") })
    #expect(!host.log.messages.contains { $0.hasPrefix("elapsed") })
    host.advance(by: 40 * 60)
    #expect(host.log.messages.contains("wild 01:30"))
    #expect(host.log.messages.contains("elapsed 1"))
    await host.stop()
  }

  @Test func `from, till, times and jitter bound the fires of a job`() async throws {
    let host = try TestScheduler([
      "a.lua": """
      every("10s", { name = "a", from = "2026-01-01 00:01", till = "2026-01-01 00:01:30" }, function() print("a") end)
      every("10s", { name = "b", times = 3 }, function() print("b") end)
      every("10s", { name = "c", till = "35s" }, function() print("c") end)
      every("1m", { name = "d", jitter = "30s" }, function(run) if run.late > 0.001 then print("d") end end)
      cron("0 9 * * *", { name = "e", till = "2026-01-03 00:00" }, function() print("e") end)
      """
    ])
    host.advance(by: 5 * 86_400)
    let count = { (text: String) in host.log.messages.count { $0 == text } }
    #expect(count("a") == 4)
    #expect(count("b") == 3)
    #expect(count("c") == 3)
    #expect(count("d") > 5_000)
    #expect(count("e") == 2)
    await host.stop()
  }

  @Test func `dates and between make calendars`() async throws {
    let host = try TestScheduler([
      "a.lua": """
      job("work", {
        on = cron("0 9 * * *") - dates { "2026-01-02" } | every("day at 12:00") & dates { "2026-01-03" },
        run = function(run) print(date(run.scheduled_at, "%d %H:%M")) end,
      })
      job("office", { on = cron("0 * * * *") & between("09:00", "11:00"), run = function() print("office") end })
      """
    ])
    host.advance(by: 4 * 86_400)
    #expect(
      host.log.messages.filter { $0.hasSuffix(":00") } == [
        "01 09:00", "03 09:00", "03 12:00", "04 09:00",
      ])
    #expect(host.log.messages.count { $0 == "office" } == 12)
    await host.stop()
  }
}
