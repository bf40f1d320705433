import JobStore
import Layers
import MoonwheelModel
import MoonwheelTesting
import SQLiteJobStore
import TestSupport
import Testing

@testable import Moonwheel
@testable import ScriptHost

/// What the host keeps for a script counts for the script's memory, and is given back when it is let go.
@Suite struct KeptMemoryTests {
  /// A way to make the host keep data, and what a script sees when there is no more room.
  struct Keeping: Sendable, CustomTestStringConvertible {
    var name: String
    /// Defines `keep(i)`, which returns as the word does; it may raise. `text` has 100 KiB.
    var source: String
    var refusal: String
    /// Lets everything go.
    var letGo: String

    var testDescription: String { name }

    static let full = "nil queue full"
    static let error = "not enough memory"
    /// Calls `after`, and keeps the handles.
    private static func registering(_ name: String, _ options: String) -> Keeping {
      Keeping(
        name: name,
        source: "handles = {} function keep(i) handles[i] = after('1h', { \(options) }, f) end",
        refusal: error, letGo: "for _, j in pairs(handles) do j:cancel() end")
    }

    static let all: [Keeping] = [
      registering("args of jobs", "args = { text, i }"),
      registering("args that are much larger than their encoding", "args = empties(i)"),
      registering("names", "name = text .. i"),
      registering("tags", "tags = { text, tostring(i) }"),
      registering("retry.unless", "retry = { max = i, unless = text }"),
      registering("the option state", "name = 's' .. i, state = { text, i }"),
      registering("history of a job", "name = text .. i, history = i"),
      Keeping(
        name: "very many jobs",
        source: """
          handles = {}
          function keep(i) for n = 1, 200 do handles[#handles + 1] = after('1h', f) end end
          """, refusal: error, letGo: "for _, j in pairs(handles) do j:cancel() end"),
      Keeping(
        name: "events that wait for a handler",
        source: """
          for i = 1, 10 do on('go' .. i, function() if not free then sleep('1h') end end) end
          function keep(i) return emit('go' .. i % 10 + 1, { text, i }) end
          """, refusal: full, letGo: "free = true sleep('2h')"),
      Keeping(
        name: "an event for very many handlers",
        source: """
          for i = 1, 100 do on('go', function() if not free then sleep('1h') end end) end
          function keep(i) return emit('go', i) end
          """, refusal: full, letGo: "free = true sleep('2h')"),
      Keeping(
        name: "events in debounce",
        source: """
          on('go', { debounce = '10m', backlog = 100000 }, f)
          function keep(i) return emit('go', { text, i }) end
          """, refusal: full, letGo: "sleep('1h')"),
      Keeping(
        name: "promises",
        source: """
          every('1000h', { name = 'target' }, f)
          function keep(i) return jobs.target:after('30m', { text, i }) end
          """, refusal: full, letGo: "sleep('1h')"),
      Keeping(
        name: "promises without arguments",
        source: """
          for i = 1, 10 do every('1000h', { name = 'target' .. i }, f) end
          function keep(i)
            local id, why
            for n = 1, 10 do id, why = jobs['target' .. n]:after('30m') end
            return id, why
          end
          """, refusal: full, letGo: "sleep('1h')"),
    ]

    var script: String {
      """
      defaults { memory = '4 MiB' }
      function f() end
      text = ('x'):rep(102400)
      function empties(i)
        local t = { i }
        for n = 1, 3000 do t[n + 1] = {} end
        return t
      end
      \(source)
      after('1s', { name = 'fill', timeout = false }, function()
        for i = 1, 2000 do
          local done, a, b, c = pcall(keep, i)
          if not done or a == nil and b ~= nil then
            print('refused', done and tostring(a) .. ' ' .. b or a)
            return
          end
        end
        print('not refused')
      end)
      after('10s', { name = 'free', timeout = false }, function() \(letGo) end)
      every('1h', { name = 'alive' }, function() collectgarbage() print('alive') end)
      """
    }
  }

  @Test(.timeLimit(.minutes(2)), arguments: Keeping.all)
  func `data count until they are let go`(_ keeping: Keeping) async throws {
    try await withHost(["a.lua": keeping.script]) { host in
      let before = try #require(host.scheduler.memory.first)
      host.advance(by: 5)
      let full = try #require(host.scheduler.memory.first)
      let said = host.log.said.first { $0.hasPrefix("refused") } ?? host.log.said.joined()
      #expect(said.contains(keeping.refusal), "\(said)")
      #expect(full.host > 1 << 20, "\(full)")
      #expect(full.host + full.heap <= full.limit * 5 / 4 + (1 << 20), "\(full)")
      host.advance(by: 4 * 3_600)
      let after = try #require(host.scheduler.memory.first)
      #expect(after.host <= before.host + (120 << 10), "\(before) \(after)")
      #expect(host.log.said.contains("alive"))
    }
  }

  @Test func `a result, an error and run.state count, and a run that has no room for them fails`()
    async throws
  {
    let script = """
      defaults { memory = '4 MiB' }
      local large = ('x'):rep(1000000)
      for i = 1, 6 do
        job('state' .. i, { state = {}, run = function(run) run.state.text = large .. i end })
        after(i, function() jobs['state' .. i]:trigger() end)
      end
      on('run.failed', function(e) print(e.payload.job, e.payload.error) end)
      """
    try await withHost(["a.lua": script]) { host in
      host.advance(by: 20)
      let use = try #require(host.scheduler.memory.first)
      #expect(use.host > 1_900_000 && use.host + use.heap < use.limit * 5 / 4 + (1 << 20), "\(use)")
      #expect(host.log.said.contains { $0.contains("not enough memory") }, "\(host.log.said)")
    }
  }

  @Test func `a new version has room beside the old one, and what survives counts for it`()
    async throws
  {
    func script(_ version: Int) -> String {
      """
      defaults { memory = '4 MiB' }
      for i = 1, 2 do
        every('1h', { name = 'options' .. i, args = { ('x'):rep(900000), i, \(version) } }, function() end)
      end
      every('1000h', { name = 'target' }, function() end)
      after('1s', function() emit('told', jobs.target:after('90h', { ('z'):rep(500000) }) ~= nil) end)
      """
    }
    try await withFolder(["a.lua": script(1)]) { served in
      served.clock?.advance(by: 2, of: served.scheduler)
      let first = try #require(served.scheduler.memory.first)
      try served.write("a.lua", script(2))
      served.expect("reloaded a.lua")
      served.expectIsolates(1)
      let second = try #require(served.scheduler.memory.first)
      #expect((2_300_000...2_500_000).contains(first.host), "\(first)")
      #expect((2_300_000...2_500_000).contains(second.host), "\(second)")
      #expect(served.told.events.map(\.payload) == [true])
    }
  }

  @Test func `promises and states of an earlier host count again`() async throws {
    let folder = try TemporaryFolder()
    let script = """
      defaults { memory = '4 MiB' }
      every('1000h', { name = 'target', state = {} }, function(run) end)
      job('state', { state = {}, run = function(run) run.state.text = ('x'):rep(600000) end })
      after('1s', function() jobs.state:trigger() jobs.target:after('90h', { ('z'):rep(1000000) }) end)
      """
    var configuration = Configuration()
    configuration.texts = [(name: "a.lua", source: script)]
    var uses: [ScriptMemoryUse] = []
    for _ in 1...2 {
      let clock = ManualClock(wall: Timestamp(seconds: 1_767_225_600))
      let scheduler = try Scheduler(
        configuration, store: SQLiteJobStore(path: folder.path("store.db")),
        logger: LogRecorder().logger, clock: clock)
      try scheduler.start()
      scheduler.waitUntilLoaded()
      scheduler.waitUntilIdle()
      uses.append(try #require(scheduler.memory.first))
      if uses.count == 1 { clock.advance(by: 5, of: scheduler) }
      uses.append(try #require(scheduler.memory.first))
      await scheduler.stop()
    }
    #expect(uses[0].host < 50_000, "\(uses[0])")
    #expect((1_600_000...1_800_000).contains(uses[1].host), "\(uses[1])")
    #expect((1_600_000...1_800_000).contains(uses[2].host), "\(uses[2])")
  }

  @Test func `private states share the memory of their script`() async throws {
    let script = """
      defaults { memory = '4 MiB' }
      every('1s', { name = 'p', isolate = 'run', overlap = 'allow', max_instances = 1000, timeout = false }, function(run)
        local kept = {}
        for i = 1, 2000 do kept[i] = { i } end
        sleep('1h')
        kept[1] = nil
      end)
      on('run.failed', function(e) if not told then told = true print(e.payload.error) end end)
      """
    try await withHost(["a.lua": script]) { host in
      host.advance(by: 120)
      let use = try #require(host.scheduler.memory.first)
      #expect(use.heap + use.host <= use.limit * 5 / 4 + (1 << 20), "\(use)")
      let live = host.scheduler.environment.liveIsolates.load(ordering: .relaxed)
      #expect((3...100).contains(live), "\(live)")
      #expect(
        host.log.said.first?.contains("not enough memory for another Lua state") == true,
        "\(host.log.said)")
    }
  }

  @Test func `a wait that an event ends gives its memory back`() async throws {
    let script = """
      defaults { memory = '4 MiB' }
      for i = 1, 3 do after('1s', function() print(#wait('go').payload[1]) end) end
      after('2s', function() print(emit('go', { ('x'):rep(500000) })) end)
      """
    try await withHost(["a.lua": script]) { host in
      let before = try #require(host.scheduler.memory.first)
      host.advance(by: 3)
      #expect(host.log.said.sorted() == ["500000", "500000", "500000", "true"])
      // Records of runs are counted until the store has them, and events until their last copy is gone, both on other
      // threads.
      var after = before
      for _ in 0..<100 {
        host.scheduler.environment.writer?.waitUntilIdle()
        host.scheduler.waitUntilIdle()
        after = try #require(host.scheduler.memory.first)
        if after.host <= before.host { break }
        try await Task.sleep(for: .milliseconds(50))
      }
      #expect(after.host <= before.host, "\(before) \(after)")
    }
  }

  @Test func `garbage does not count`() async throws {
    let script = """
      defaults { memory = '4 MiB' }
      on('go', { overlap = 'skip' }, function() end)
      every('1s', { name = 'a' }, function()
        local refused = 0
        for i = 1, 200 do
          local text = ('x'):rep(100000) .. i
          if not emit('go', { text }) then refused = refused + 1 end
          if i % 10 == 0 then sleep('1ms') end
        end
        print(refused)
      end)
      """
    try await withHost(["a.lua": script]) { host in
      host.advance(by: 2.5)
      #expect(host.log.said == ["0", "0"])
    }
  }

  @Test func `names of modules that are missing are bounded`() async throws {
    let script = """
      after('1s', function() print(select(2, pcall(require, ('x'):rep(200) .. ('.y'):rep(1000)))) end)
      """
    try await withHost(["a.lua": script]) { host in
      host.advance(by: 2)
      #expect(host.log.said.first?.contains("has at most 1000 bytes, not 2200") == true)
    }
  }

  @Test func `ever new triggers leave nothing behind`() async throws {
    let script = """
      local n = 0
      function again() n = n + 1 after(1 + n / 1000, again) after(1 + n / 1000, again):cancel() end
      after('1s', again)
      """
    try await withHost(["a.lua": script]) { host in
      host.advance(by: 60)
      let before = try #require(host.scheduler.memory.first)
      host.advance(by: 60)
      let after = try #require(host.scheduler.memory.first)
      #expect(after.host == before.host)
    }
  }
}
