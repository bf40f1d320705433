import Layers
import MoonwheelTesting
import Synchronization
import SystemCalls
import Testing
import WorkerPool

@testable import Moonwheel
@testable import SchedulerEngine
@testable import ScriptHost

/// `isolate = "run"`: each run has a private isolate.
@Suite struct PrivateIsolateTests {
  @Test(arguments: Story.privateRun.onEachClock)
  func `a story prints what it should`(story: StoryRun) async throws { try await story.check() }

  @Test func `runs of one job execute in parallel`() async throws {
    let inside = Condition(0)
    try await withHost(
      [
        "a.lua": """
        job('j', { isolate = 'run', overlap = 'allow', run = function(run) print(meet()) end })
        after(1, function() jobs.j:trigger() jobs.j:trigger() end)
        """
      ],
      prepare: { scheduler in
        try scheduler.register("meet") { _ in
          inside.withLock { $0 += 1 }
          inside.broadcast()
          let deadline = Clocks.monotonic() + 20_000_000_000
          return .bool(inside.wait(until: deadline) { $0 == 2 ? true : nil } ?? false)
        }
      },
      body: { host in
        host.advance(by: 1)
        #expect(host.log.said == ["true", "true"])
      })
  }

  @Test func `a private isolate ends with its run`() async throws {
    let script = """
      every('1s', { isolate = 'run', timeout = '100ms' }, function(run)
        if run.n == 2 then error('no') end
        if run.n == 3 then sleep(10) end
      end)
      """
    try await withHost(["a.lua": script]) { host in
      host.advance(by: 5)
      #expect(host.scheduler.environment.liveIsolates.load(ordering: .relaxed) == 1)
      #expect(host.log.messages(of: "run.failed").count == 1)
      #expect(host.log.messages(of: "run.timed_out").count == 1)
    }
  }

  @Test(arguments: StoryClock.allCases)
  func `each run has a memory cap of its own`(clock: StoryClock) async throws {
    let script = """
      defaults { memory = '32 MiB' }
      after(0.5, { name = 'own', isolate = 'run', memory = '1 MiB' }, function()
        print(pcall(string.rep, 'x', 8000000))
      end)
      after(1, { name = 'default', isolate = 'run' }, function() print(#('x'):rep(8000000)) end)
      after(1.5, { name = 'shared' }, function() print(#('x'):rep(8000000)) end)
      """
    let heard = try await clock.said(by: script, in: 2, count: 3)
    #expect(heard.first?.contains("not enough memory") == true)
    #expect(heard.suffix(2) == ["8000000", "8000000"])
  }

  @Test func `a run whose script does not load fails and says why`() async throws {
    let script = """
      if now() > \(start) + 5 then error('not any more') end
      every('4s', { name = 'j', isolate = 'run' }, function(run) print(run.n) end)
      """
    try await withHost(["a.lua": script]) { host in
      host.advance(by: 8)
      #expect(host.log.said == ["1"])
      #expect(
        host.log.messages(of: "run.failed").map { $0.split(separator: "\n").first } == [
          "the script could not be loaded for this run: a.lua:1: not any more"
        ])
    }
  }

  @Test func `a private isolate uses the modules of the script's load`() async throws {
    try await withFolder(
      [
        "a.lua": """
        local word = require('word')
        every('1s', { isolate = 'run' }, function() print(word, require('word')) end)
        """, "lib/word.lua": "return 'old'",
      ], watches: false
    ) { served in
      served.advance(by: 1)
      try served.write("lib/word.lua", "return 'new'")
      served.advance(by: 1)
      #expect(served.said() == ["old\told", "old\told"])
    }
  }
}

extension Story {
  static let privateRun = [
    Story(
      "each run begins with the state after the script's load", 3.5,
      """
      local n = 0
      print('loading')
      every('1s', { name = 'own', isolate = 'run' }, function(run) n = n + 1 say('own', run.n, n) end)
      every('1s', { name = 'shared' }, function() n = n + 10 end)
      after(3.5, { name = 'tell' }, function() say('shared', n) end)
      """, "loading", "1 own 1 1", "2 own 2 1", "3 own 3 1", "3.5 shared 30"),
    Story(
      "a run in a private isolate sleeps, emits and waits", 2,
      """
      on('x', function(e) say('x', e.payload) sleep(0.25) emit('y', e.payload + 1) end)
      after(0.25, { isolate = 'run', args = { 5 }, tags = { 't' } }, function(run)
        sleep(0.25) say('slept', run.args[1])
        emit('x', 1)
        say('got', wait('y', 5).payload)
        say(coroutine.wrap(function() sleep(0.25) return 'inner' end)())
      end)
      """, "0.5 slept 5", "0.5 x 1", "0.75 got 2", "1 inner"),
    Story(
      "handles work, and registration is refused", 10,
      """
      local other = job('other', { run = function(run) say('other', run.args) end })
      every('2s', { name = 'j', isolate = 'run' }, function(run)
        say(run.job.name, jobs.other.name, #jobs(), other.paused, run.job == jobs.j)
        other:trigger(run.n) sleep(0.1)
        print(pcall(every, '1s', print))
        if run.n == 2 then run.job:pause() end
      end)
      """, "2 j other 2 false true", "2 other 1",
      "false a.lua:6: a job cannot be registered here: this run has a Lua state of its own (isolate = \"run\"), which ends with the run; register the job while the script loads",
      "4 j other 2 false true", "4 other 2",
      "false a.lua:6: a job cannot be registered here: this run has a Lua state of its own (isolate = \"run\"), which ends with the run; register the job while the script loads"
    ),
    Story(
      "replace cancels the previous run, and cancel ends the job", 10,
      """
      local j = every('2s', { name = 'j', isolate = 'run', overlap = 'replace' }, function(run)
        local mark <close> = setmetatable({}, { __close = function() say('closed', run.n) end })
        sleep('1h')
      end)
      after(5, function() j:cancel() sleep(0.5) say('cancelled') end)
      """, "4 closed 1", "5 closed 2", "5.5 cancelled"),
    Story(
      "hooks run in the script's isolate, when and state in the private one", 5,
      """
      local n = 0
      every('1s', {
        name = 'j', isolate = 'run', state = { sum = 0 },
        when = function(run) n = n + 1 return run.n % 2 == 1 end,
        on_success = function(run, result) n = n + 1 say('hook', n, result) end,
      }, function(run) run.state.sum = run.state.sum + run.n return run.state.sum * 10 + n end)
      """, "1 hook 1 11", "3 hook 2 41", "5 hook 3 91"),
    Story(
      "retries and promised runs have private isolates, too", 10,
      """
      local n = 0
      local j = job('j', { isolate = 'run', retry = { max = 2, jitter = 0 }, run = function(run)
        n = n + 1 say(run.attempt, n)
        error('no')
      end })
      after(1, function() j:trigger() end)
      """, "1 1 1", "2 2 1", "4 3 1"),
    Story(
      "an eviction of a private isolate affects no other run", 10,
      """
      local n = 0
      after(1, { name = 'sleeper' }, function() n = 7 sleep(5) say('sleeper', n) end)
      every('2s', { name = 'bomb', isolate = 'run', timeout = '20ms', times = 2 }, function()
        return (('a'):rep(40)):find(('a-'):rep(40) .. 'b')
      end)
      on('run.evicted', { name = 'tell' }, function(e) print(e.payload.job) end)
      """, "bomb", "bomb", "6 sleeper 7"),
  ]
}
