import MoonwheelTesting
import Testing

@Suite struct TestSchedulerTests {
  @Test func `time moves only when the test moves it`() async throws {
    let host = try TestScheduler(["a.lua": "every('10s', function() print('tick') end)"])
    #expect(host.log.messages.count { $0 == "tick" } == 0)
    host.advance(by: 60)
    #expect(host.log.messages.count { $0 == "tick" } == 6)
    await host.stop()
  }

  @Test func `a week of a daily job passes at once`() async throws {
    let host = try TestScheduler([
      "a.lua": "cron('30 2 * * *', { tz = 'Europe/Berlin' }, function() print('daily') end)"
    ])
    host.advance(by: 7 * 86_400)
    #expect(host.log.messages.count { $0 == "daily" } == 7)
    await host.stop()
  }
}
