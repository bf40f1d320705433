import Testing

/// What scripts do with policies, hooks, state and handles.
@Suite struct PolicyStoryTests {
  @Test(
    arguments: (Story.policies + Story.endings + Story.handles + Story.gathering).onEachClock)
  func `a story prints what it should`(story: StoryRun) async throws {
    try await story.check()
  }
}

extension Story {
  static let policies = [
    Story(
      "a run whose when returns false is left out", 2,
      """
      every('400ms', { when = function(run) return run.n % 2 == 1 end, retry = 3 }, function(run) say(run.n) end)
      """, "0.4 1", "1.2 3", "2 5"),
    Story(
      "a failed run is retried with growing delays", 2,
      """
      after(0.25, { name = 'try', retry = { max = 3, from = '200ms', factor = 2, jitter = 0 } }, function(run)
        say(run.attempt)
        if run.attempt < 4 then error('no') end
      end)
      """, "0.25 1", "0.45 2", "0.85 3", "1.65 4"),
    Story(
      "a handler that asks for a retry gets its event again", 2,
      """
      local function handle(event, run)
        say(event.payload, run.attempt, run.event == event)
        if run.attempt < 3 then run:retry('250ms') end
      end
      on('x', { name = 'single' }, handle)
      on('y', { name = 'gathers', batch = 10 }, function(events, run)
        say(#events, events[1].payload, run.attempt)
        if run.attempt == 1 then run:retry('250ms') end
      end)
      after(0.25, function() emit('x', 'a') emit('x', 'b') end)
      after(1.25, function() emit('y', 'c') end)
      """, "0.25 a 1 true", "0.25 b 1 true", "0.5 a 2 true", "0.5 b 2 true", "0.75 a 3 true",
      "0.75 b 3 true", "1.25 1 c 1", "1.5 1 c 2"),
    Story(
      "a retry ends with its maximum", 2,
      "after(0.25, { name = 'try', retry = { max = 2, from = '250ms', jitter = 0 } }, function(run) say(run.attempt) error('no') end)",
      "0.25 1", "0.5 2", "1 3"),
    Story(
      "an error can refuse a retry, by itself or by its message", 2,
      """
      local function try(name, value)
        after(0.5, { name = name, retry = { max = 1, jitter = 0, unless = 'HTTP 4%d%d' } }, function(run) say(name, run.attempt) error(value, 0) end)
      end
      try('none', 'HTTP 500') try('unless', 'HTTP 404') try('data', { message = 'x', retry = false }) try('both', { message = 'HTTP 410' })
      """, "0.5 none 1", "0.5 unless 1", "0.5 data 1", "0.5 both 1", "1.5 none 2"),
    Story(
      "a run asks for a retry", 2,
      """
      after(0.25, { name = 'try' }, function(run)
        say(run.attempt)
        if run.attempt < 3 then run:retry('500ms') end
        say('done')
      end)
      """, "0.25 1", "0.75 2", "1.25 3", "1.25 done"),
    Story(
      "a retry keeps its arguments and its id", 2,
      """
      local id
      local j = job('j', { retry = { max = 1, jitter = 0 }, run = function(run)
        say(run.args.x, run.attempt, id == nil or id == run.id)
        id = run.id
        error('no')
      end })
      after(0.5, function() j:trigger { x = 5 } end)
      """, "0.5 5 1 true", "1.5 5 2 true"),
    Story(
      "state passes from run to run, except from failed ones", 2,
      """
      every('400ms', { name = 'count', state = { n = 0, seen = {} } }, function(run)
        run.state.n = run.state.n + 1
        run.state.seen[#run.state.seen + 1] = run.n
        say(run.state.n, table.concat(run.state.seen, ','))
        if run.n == 2 then error('lost') end
        if run.n == 4 then run.state = { n = 100, seen = {} } end
      end)
      """, "0.4 1 1", "0.8 2 1,2", "1.2 2 1,3", "1.6 3 1,3,4", "2 101 5"),
    Story(
      "a paused job does not fire until it is resumed", 1.6,
      "local j = every('400ms', { name = 'j', paused = true, catchup = 'none' }, function() say('tick') end) after(1, function() j:resume() end)",
      "1.2 tick", "1.6 tick"),
    Story(
      "defaults apply to policies, and a job overrides them", 2,
      """
      defaults { retry = { max = 1, jitter = 0 }, on_failure = function(run) say('failed', run.job.name) end }
      after(0.25, { name = 'a' }, function(run) say(run.attempt) error('no') end)
      after(1.5, { name = 'b', retry = false, on_failure = false }, function(run) say(run.attempt) error('no') end)
      """, "0.25 1", "1.25 2", "1.25 failed a", "1.5 1"),
  ]

  static let endings = [
    Story(
      "a hook runs for each way in which a run ends", 30,
      """
      every('10s', {
        name = 'j', retry = { max = 1, jitter = 0 },
        on_success = function(run, result) say('success', run.n, result) end,
        on_failure = function(run, e) say('failure', run.n, run.attempt, e.message, e.data.code, e.status) end,
        on_retry = function(run, e) say('retry', run.n, run.attempt, e.message) end,
      }, function(run)
        if run.scheduled_at == start + 20 then error { message = 'broken', code = 'E2' } end
        return run.n * 10
      end)
      """, "10 success 1 10", "20 retry 2 1 broken", "21 failure 3 2 broken E2 failed",
      "30 success 4 40"),
    Story(
      "a hook may wait, and its failure is its own", 2,
      """
      local n = 0
      every('800ms', { name = 'j', on_success = function(run) sleep(0.3) say('after', run.n) if run.n == 1 then error('in the hook') end end },
        function(run) return run.n end)
      """, "1.1 after 1",
      "on_success: a.lua:3: in the hook\nstack traceback:\n [C]: in global 'error'\n a.lua:3: in function <a.lua:3>",
      "1.9 after 2"),
    Story(
      "on_missed gets the number of missed fires", 60,
      """
      local j = every('10s', { name = 'j', catchup = 'none', on_missed = function(run, missed)
        say('missed', missed.count, missed.scheduled_at - start, missed.reason)
      end }, function() say('tick') end)
      after(15, function() j:pause('lunch') end)
      after(45, function() j:resume() end)
      """, "10 tick", "45 missed 3 20.0 it was paused: lunch", "50 tick", "60 tick"),
  ]

  static let handles = [
    Story(
      "promises for later, with arguments", 30,
      """
      local j = job('j', { overlap = 'allow', run = function(run) say(run.args.id, run.late < 0.1) end })
      after(1, function()
        print(#j:after('2s', { id = 1 }), #j:at('00:00:10', { id = 2 }), #j:at(now() + 19, { id = 3 }), #j:at('2020-01-01 10:00', { id = 4 }))
      end)
      """, "1 4 false", "13 13 13 13", "3 1 true", "10 2 true", "20 3 true"),
    Story(
      "a handle has its job's times", 30,
      """
      local j = every('10s', { name = 'j', tags = { 'x' } }, function() end)
      after(15, { name = 'ask' }, function()
        print(j.name, j.tags[1], j.next_run - start, j.last_run - start, j.paused)
        local next = j:next(3)
        print(#next, next[1] - start, next[3] - start, #j:next())
        j:pause()
        print(j.next_run, j.paused, #j:next())
      end)
      """, "j x 20.0 10.0 false", "3 20.0 40.0 5", "nil true 0"),
    Story(
      "an ended job has only a name", 2,
      """
      local j
      after(0.25, function() j = after(0.5, { name = 'short' }, function() say('short') end) end)
      after(1.5, function() print(j.name, j.next_run, j.paused, j.tags, j:pause()) print(j:history()) print(j:explain()) end)
      """, "0.75 short", "(ended) nil nil nil nil no such job gone", "nil no such job gone",
      "nil no such job gone"),
    Story(
      "a job that fires once gives itself its next time", 12,
      """
      after('1s', { name = 'j' }, function(run)
        say('round', run.n)
        print(jobs['j']:reschedule(after(run.n .. 's')))
        sleep(0.5)
      end)
      """, "1 round 1", "true", "2 round 2", "true", "4 round 3", "true", "7 round 4", "true",
      "11 round 5", "true"),
    Story(
      "reschedule replaces the trigger of a job", 30,
      """
      local j = every('10s', { name = 'j' }, function() say('tick') end)
      after(12, function() print(j:reschedule(every('3s'))) end)
      after(20, function() j:reschedule(at('00:00:25') | at('00:00:28')) end)
      """, "10 tick", "true", "15 tick", "18 tick", "25 tick", "28 tick"),
    Story(
      "clear cancels the jobs of a tag, or all", 30,
      """
      every('10s', { name = 'a', tags = { 'x' } }, function() say('a') end)
      every('10s', { name = 'b' }, function() say('b') end)
      after(5, { name = 'first' }, function() print(clear('x'), clear('none')) end)
      after(15, { name = 'second' }, function()
        after('1h', { name = 'inner' }, print)
        print(#jobs(), clear()) sleep(1) say('continues', #jobs())
      end)
      """, "1 0", "10 b", "5 5", "16 continues 4"),
    Story(
      "run_all promises one run of each job", 2,
      """
      for i = 1, 3 do job('j' .. i, { run = function(run) say(run.job.name) end }) end
      on('x', { name = 'handler' }, function() say('never') end)
      job('all', { run = function(run) say(run_all(run.args)) end })
      after(0.25, { name = 'driver' }, function(run)
        if run.n == 1 then jobs.all:trigger() sleep(0.75) jobs.all:trigger('250ms') end
      end)
      """, "0.25 j1", "0.25 j2", "0.25 j3", "0.25 4", "1 j1", "1 4", "1.25 j2", "1.5 j3"),
    Story(
      "idle is the time to the next fire", 20,
      """
      every('10s', { name = 'j' }, function() end)
      after(4, function() print(idle()) jobs.j:pause() print(idle()) end)
      """, "6.0", "nil"),
    Story(
      "history has the newest first", 60,
      """
      local j = every('10s', { name = 'j' }, function(run)
        print('line', run.n)
        if run.n == 2 then error { message = 'bad', code = 5 } end
        return run.n * 2
      end)
      after(35, function()
        local runs = j:history(2)
        print(#runs, #j:history(), runs[1].n, runs[1].status, runs[1].result, runs[1].log[1].message, runs[1].scheduled_at - start)
        print(runs[2].n, runs[2].status, runs[2].error, runs[2].data.code, runs[2].traceback ~= nil, runs[2].peak_memory > 0)
        print(runs[1].late, runs[1].duration, #runs[1].id, runs[1].attempt)
      end)
      """, "line 1", "line 2", "line 3", "2 3 3 succeeded 6 line 3 30.0",
      "2 failed bad 5 true true", "0.0 0.0 13 1", "line 4", "line 5", "line 6"),
    Story(
      "history has the processor time of a run", 1,
      """
      local j = after(0.5, { name = 'j' }, function() end)
      on('run.succeeded', function(e) if e.payload.job == 'j' then print(j:history()[1].processor_time > 0) end end)
      """, "true"
    ).except(on: .virtual, "there, a short run takes no time"),
    Story(
      "explain says why a job has not run", 60,
      """
      local j = every('10s', { name = 'j' }, function(run) if run.n == 1 then sleep(25) end end)
      after(45, function()
        local why = j:explain()
        say(why.state, why.next_run - start, why.last_run.n, #why.decisions)
        local d = why.decisions[1]
        say(d.kind, d.count, d.from - start, d.through - start, d.reason, #d.run)
        print((tostring(why):gsub('run %w+%)', 'run ID)')))
      end)
      """, "45 active 50.0 2 1", "45 skipped 2 20.0 30.0 the previous run is still going 13",
      """
      j: active, next 2026-01-01T00:00:50+00:00
      2026-01-01T00:00:40+00:00 ran: succeeded (run ID)
      2026-01-01T00:00:20+00:00 to 2026-01-01T00:00:30+00:00 skipped 2 times: the previous run is still going (run ID)
      """),
  ]

  static let gathering = [
    Story(
      "batch takes the waiting events, and debounce gathers until none comes", 2,
      """
      on('x', { name = 'quiet', debounce = '500ms' }, function(events, run)
        local ids = {}
        for i, e in ipairs(events) do ids[i] = e.payload end
        say('quiet', table.concat(ids, ','), #run.event)
      end)
      on('x', { name = 'batch', batch = 3 }, function(events)
        say('batch', #events, events[1].payload, events[1].name)
        sleep(0.25)
      end)
      after(0.25, function() for i = 1, 5 do emit('x', i) end sleep(0.25) emit('x', 6) end)
      """, "0.25 batch 1 1 x", "0.5 batch 3 2 x", "0.75 batch 2 5 x", "1 quiet 1,2,3,4,5,6 6")
  ]
}
