import Layers
import MoonwheelTesting
import Testing

@testable import Moonwheel
@testable import ScriptHost

/// Many jobs and runs at once.
@Suite(.serialized) struct ScaleTests {
  private static let clocks = [StoryClock.virtual, .manual]

  @Test(arguments: clocks)
  func `10,000 one-shots due at one instant all run, once each`(clock: StoryClock) async throws {
    let script = """
      local ran, total = {}, 0
      for i = 1, 10000 do
        after('10s', { name = 'j' .. i }, function() ran[i] = (ran[i] or 0) + 1 total = total + 1 end)
      end
      after('20s', function()
        local once = 0
        for i = 1, 10000 do if ran[i] == 1 then once = once + 1 end end
        print(total, once)
      end)
      """
    #expect(try await clock.said(by: script, in: 20) == ["10000\t10000"])
  }

  @Test(arguments: clocks)
  func `10,000 runs sleep at once on two workers`(clock: StoryClock) async throws {
    var configuration = Configuration()
    configuration.workers = 2
    let script = """
      local asleep, most, done = 0, 0, 0
      for i = 1, 10000 do
        after('1s', function()
          asleep = asleep + 1 most = math.max(most, asleep)
          sleep('1m')
          asleep = asleep - 1 done = done + 1
        end)
      end
      after('2m', function() print(most, done) end)
      """
    #expect(try await clock.said(by: script, in: 120, configuration) == ["10000\t10000"])
  }

  @Test(arguments: clocks)
  func `10,000 jobs a second stay on phase`(clock: StoryClock) async throws {
    let script = """
      local fires, off, early = 0, 0, 0
      local first
      for i = 1, 10000 do
        every('1s', function(run)
          first = first or run.scheduled_at - run.n
          fires = fires + 1
          if math.abs(run.scheduled_at - first - run.n) > 1e-6 then off = off + 1 end
          if run.fired_at < run.scheduled_at then early = early + 1 end
        end)
      end
      after('20500ms', function() print(fires, off, early) end)
      """
    #expect(try await clock.said(by: script, in: 21) == ["200000\t0\t0"])
  }

  @Test func `no fire is early under load`() async throws {
    var configuration = Configuration()
    let script = """
      for i = 1, 200 do
        every(0.003 + i * 0.0001, function(run)
          if run.fired_at < run.scheduled_at then emit('told', run.scheduled_at - run.fired_at) end
          for _ = 1, 200 do end
        end)
      end
      after('1s', function() emit('told', 'over') end)
      """
    configuration.texts = [(name: "a.lua", source: script)]
    configuration.shutdownTimeout = .seconds(1)
    let scheduler = try Scheduler(configuration, logger: LogRecorder().logger)
    let told = try EventRecorder("told", of: scheduler)
    try scheduler.start()
    #expect(told.wait { $0.contains { $0.payload == "over" } })
    await scheduler.stop()
    #expect(told.events.map(\.payload) == ["over"])
  }
}
