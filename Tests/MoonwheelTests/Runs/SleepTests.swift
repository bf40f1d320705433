import Layers
import MoonwheelTesting
import SchedulerCore
import TestSupport
import Testing

@testable import Moonwheel
@testable import SchedulerEngine
@testable import ScriptHost

/// Runs that `sleep`, many at once.
@Suite struct SleepTests {
  @Test(arguments: Story.sleeps.onEachClock)
  func `sleeping runs continue, each at its time`(story: StoryRun) async throws {
    try await story.check()
  }

  @Test(arguments: places.onEachClock)
  func `sleep works wherever a script calls it`(story: StoryRun) async throws {
    try await story.check()
  }

  @Test(arguments: Story.peaks.onEachClock)
  func `each run reports its own peak memory, before a sleep and after it`(story: StoryRun)
    async throws
  {
    try await story.check()
  }

  /// Scripts that sleep, with the seconds for which they do.
  private static let places = [
    ("sleep('250ms') sleep(.25) sleep('500ms') sleep(0.5)", 1.5),
    (
      "local co = coroutine.wrap(function() sleep(0.25) coroutine.yield(1) sleep('250ms') end) co() co()",
      0.5
    ),
    ("pcall(function() sleep('500ms') error('x') end)", 0.5),
    ("pcall(sleep, '500ms')", 0.5),
    (
      "do local x <close> = setmetatable({}, { __close = function() sleep('500ms') end }) end", 0.5
    ),
    ("for i = 1, 5 do sleep('200ms') end", 1),
    ("run:sleep('500ms')", 0.5),
    ("sleep('500ms') log.debug('x') sleep('500ms')", 1),
    ("log.debug('x') sleep('500ms')", 0.5),
    ("sleep('0.5 seconds') sleep('PT1S')", 1.5),
    ("assert(select('#', sleep(1)) == 0)", 1),
    ("sleep('500ms') sleep(0.5, 2)", 1),
  ].map { (body: String, slept: Double) in
    let debug = body.contains("log.debug") ? ["x", "x", "x"] : []
    let ends = (1...3).map { "\((0.25 + slept).formatted) \($0)" }
    let script =
      "for i = 1, 3 do after(0.25, { name = 'j' .. i }, function(run) \(body) say(i) end) end"
    return Story(body, 2, script, said: debug + ends)
  }

  @Test(arguments: StoryClock.allCases)
  func `an invalid duration is the same mistake in every run`(clock: StoryClock) async throws {
    let calls = [
      "sleep()", "sleep(-1)", "sleep(0)", "sleep('0s')", "sleep('10')", "sleep('x')", "sleep({})",
      "sleep(1/0)", "sleep(0/0)", "sleep('1M')", "sleep('1ns')", "sleep(0.00001)", "sleep('')",
      "sleep(true)", "sleep('99999999999s')", "sleep('s')", "sleep('1s\\0')",
    ]
    // The one run has no arguments, and the other one has some.
    let lines = calls.enumerated().map { number, call in
      "do local f = function() \(call) end after(0.1, { name = 'plain \(number)' }, f) "
        + "local j = job('given \(number)', { run = f }) after(0.5, function() j:trigger(1) end) end"
    }
    let failures = try JobEventRecorder("run.failed")
    _ = try await clock.said(
      by: lines.joined(separator: "\n") + "\nafter(1, function() print('over') end)", in: 1.5,
      recorder: failures, count: 1)
    let errors = Dictionary(grouping: failures.events, by: \.job).mapValues { $0.map(\.error) }
    for number in calls.indices {
      let error = try #require(errors["plain \(number)"]?.first, "\(calls[number])")
      #expect(error.hasPrefix("a.lua:\(number + 2): sleep"))
      #expect(errors["plain \(number)"] == [error] && errors["given \(number)"] == [error])
    }
    #expect(errors.count == 2 * calls.count)
  }

  @Test(arguments: [StoryClock.manual, .machine])
  func `the state of the host shows where each run sleeps, and they continue`(
    clock: StoryClock
  ) async throws {
    let script = """
      for i = 1, 3 do
        after('100ms', { name = 'j' .. i }, function() sleep(1) print(i) sleep('500ms') print(-i) end)
      end
      """
    let host = try #require(try clock.start(["a.lua": script]) as? any SchedulerHost)
    defer { host.stop() }
    try await inThread {
      try host.advance(by: 0.5)
      host.scheduler.logState()
      try host.advance(by: 1.25)
      host.awaitLines(6)
    }
    #expect(host.said == ["1", "2", "3", "-1", "-2", "-3"])
    let places = host.log.lines.filter { $0.event == "scheduler.state" && $0.job != nil }
    #expect(places.count == 3 && places.allSatisfy { $0.message.contains("a.lua:2") })
  }

  @Test func `a timeout that comes late wakes no run`() throws {
    let single = try SingleScript(
      "job('j', { run = function() sleep('1s') print(1) sleep('1s') print('over') end })")
    let park = try #require(single.park(after: .starts([try single.dispatch("j")])))
    let next = try #require(single.park(after: .timeouts([park])))
    #expect(single.log.said == ["1"])
    single.isolate.post(.timeouts([park, park]))
    single.isolate.post(.resume(park, .timeout))
    single.environment.pool.waitUntilIdle()
    #expect(single.log.said == ["1"])
    single.isolate.post(.timeouts([next]))
    single.environment.pool.waitUntilIdle()
    #expect(single.log.said == ["1", "over"])
  }
}

extension SingleScript {
  /// Posts a message to the isolate, and gives the wait that a run begins then. Moves the clock past the wait's end.
  fileprivate func park(after message: IsolateMessage) -> ParkID? {
    isolate.post(message)
    environment.pool.waitUntilIdle()
    clock.advance(by: 1_200_000_000)
    var items: [Inbox.Item] = []
    var reports: [RunEnds] = []
    environment.inbox.drain(into: &items, reports: &reports)
    return items.lazy.compactMap { item in
      switch item {
      case .input(.parks(let parks)): parks.first?.park
      case .input(.park(let park, _)): park
      default: nil
      }
    }.first
  }
}

extension Double {
  /// As Lua's `%g` has it.
  fileprivate var formatted: String { self == rounded() ? "\(Int(self))" : "\(self)" }
}

extension Story {
  static let sleeps = [
    Story(
      "200 runs sleep for one time or another", 2,
      """
      local order, early = {}, 0
      for i = 1, 200 do
        after(0.25, { name = 'j' .. i }, function()
          local length = i % 2 == 0 and 1 or 0.5
          local ends = now() + length
          sleep(i % 2 == 0 and '1s' or 0.5)
          if now() < ends - 1e-6 then early = early + 1 end
          order[#order + 1] = i
          if #order == 100 or #order == 200 then say(early, table.concat(order, ',', #order - 99)) end
        end)
      end
      """, "0.75 0 " + (1...100).map { "\(2 * $0 - 1)" }.joined(separator: ","),
      "1.25 0 " + (1...100).map { "\(2 * $0)" }.joined(separator: ",")),
    Story(
      "the timeout of a run ends its sleep", 2,
      """
      for i = 1, 2 do
        after(0.25, { name = 'j' .. i, timeout = '700ms',
          on_failure = function(run, e) say(e.status, e.message, e.traceback:find('a.lua:5', 1, true) ~= nil) end },
          function() for i = 1, 9 do sleep('300ms') end print('ended') end)
      end
      """,
      "0.95 timed_out a.lua: job \"j1\" was interrupted: it ran longer than its timeout of 700ms true",
      "0.95 timed_out a.lua: job \"j2\" was interrupted: it ran longer than its timeout of 700ms true"
    ),
    Story(
      "a cancellation ends sleeps", 1.5,
      """
      for i = 1, 5 do
        after(0.25, { name = 'j' .. i, tags = { 'sleepers' } }, function()
          local x <close> = setmetatable({}, { __close = function() say('closed') end })
          sleep('1h')
        end)
      end
      local cancelled = 0
      on('run.cancelled', { name = 'count', backlog = 10 }, function() cancelled = cancelled + 1 end)
      after(0.75, function() for i = 1, 5 do jobs['j' .. i]:cancel() end end)
      after(1.25, function() print(cancelled) end)
      """, "0.75 closed", "0.75 closed", "0.75 closed", "0.75 closed", "0.75 closed", "5"),
    Story(
      "a run that fails after its sleep does not delay the others", 2,
      """
      local done, failed = 0, {}
      for i = 1, 300 do
        after(0.25, { name = 'j' .. i, on_failure = function(run, e) failed[#failed + 1] = e.message end }, function()
          sleep('500ms')
          if i % 3 == 0 then error('no ' .. i, 0) end
          done = done + 1
        end)
      end
      after(1.75, function() print(done, #failed, failed[1], failed[100]) end)
      """, "200 100 no 3 no 300"),
    Story(
      "a sleep counts for the duration of a run, not for its processor time", 2,
      """
      local j = after(0.25, { name = 'j' }, function() sleep(1) end)
      on('run.succeeded', { name = 'tell' }, function(e)
        local run = e.payload.job == 'j' and j:history()[1]
        if run then print(run.duration >= 1, run.processor_time < 0.5) end
      end)
      """, "true true"),
  ]

  /// Three runs at once, of which the second one uses a megabyte. Memory that it has left is still there when the first
  /// one continues after it.
  static let peaks = ["", "sleep('250ms')", "sleep('250ms') collectgarbage()"].flatMap { wait in
    let large = "if run.n == 2 then local s = ('x'):rep(1000000) end"
    return ["\(large) \(wait)", "\(wait) \(large)"].map { body in
      let isShared = body.hasPrefix("if") && !wait.isEmpty
      return Story(
        body, 1,
        """
        local j = job('j', { overlap = 'allow', run = function(run) \(body) end })
        after(0.1, { name = 'start' }, function() for i = 1, 3 do j:trigger() end end)
        after(0.75, { name = 'tell' }, function()
          local peaks = {}
          for _, run in ipairs(j:history()) do peaks[run.n] = run.peak_memory end
          print(#peaks, peaks[1] > 10000, peaks[2] > 1000000, \(isShared) or peaks[1] < 1000000)
        end)
        """, "3 true true true")
    }
  }
}
