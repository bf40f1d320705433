import Testing

/// What scripts do with triggers, jobs, events and waits.
@Suite struct StoryTests {
  @Test(
    arguments: (Story.triggers + Story.jobs + Story.events + Story.waiting + Story.text
      + Story.keys + Story.keyTimes).onEachClock
  )
  func `a story prints what it should`(story: StoryRun) async throws {
    try await story.check()
  }
}

extension Story {
  static let triggers = [
    Story(
      "every takes a number of seconds", 1, "every(0.25, function(run) say(run.n) end)",
      "0.25 1", "0.5 2", "0.75 3", "1 4"),
    Story(
      "every takes a duration", 200, "every('1m 30s', function() say('tick') end)",
      "90 tick", "180 tick"),
    Story(
      "every takes an ISO duration", 7200, "every('PT1H', function() say('tick') end)",
      "3600 tick", "7200 tick"),
    Story(
      "a calendar spec follows the wall clock", 86_400,
      "every('day at 10:30', { tz = 'Europe/Berlin' }, function() say('report') end)",
      "34200 report"),
    Story(
      "a fixed delay counts from the end of a run", 2,
      "every('500ms', { fixed_delay = true }, function() sleep(0.25) say('done') end)",
      "0.75 done", "1.5 done"),
    Story(
      "a fixed rate does not drift when runs take time", 1.75,
      "every('500ms', function() sleep(0.15) say('done') end)", "0.65 done", "1.15 done",
      "1.65 done"),
    Story(
      "now also fires when the job is added", 1,
      "every('1s', { now = true }, function(run) say(run.n) end)", "0 1", "1 2"),
    Story(
      "cron has five fields", 660, "cron('*/5 * * * *', function() say('five') end)",
      "300 five", "600 five"),
    Story(
      "cron has six fields, seconds first", 25, "cron('*/10 * * * * *', function() say('s') end)",
      "10 s", "20 s"),
    Story(
      "cron uses the zone of the job", 3600 * 24,
      "cron('0 9 * * *', { tz = 'Asia/Tokyo' }, function() say('nine') end)", "86400 nine"),
    Story(
      "cron fires at nine in Berlin", 3600 * 24,
      "cron('0 9 * * thu', { tz = 'Europe/Berlin' }, function() say('nine') end)", "28800 nine"),
    Story(
      "a macro is a cron expression", 7200, "cron('@hourly', function() say('hour') end)",
      "3600 hour", "7200 hour"),
    Story(
      "at takes a local time in the zone of the job", 7200,
      "at('2026-01-01 02:00', { tz = 'Europe/Berlin' }, function() say('once') end)", "3600 once"),
    Story(
      "at takes a time with a zone of its own", 7200,
      "at('2026-01-01T02:00:30+01:00', function() say('once') end)", "3630 once"),
    Story(
      "at takes a time of day, once", 86_400, "at('18:00', function() say('once') end)",
      "64800 once"),
    Story(
      "at takes seconds since 1970", 2, "at(start + 1.5, function() say('once') end)",
      "1.5 once"),
    Story(
      "at a time that is past does not run", 1, "at('2025-12-31 23:59', function() say('no') end)"
    ),
    Story(
      "after fires once, from the load", 2, "after('1s', function(run) say(run.n) end)", "1 1"),
    Story("after takes a number", 2, "after(1.25, function() say('once') end)", "1.25 once"),
    Story(
      "a trigger value has a text", 1,
      "local t = cron('0 9 * * *') - every('day at 08:00') after(1, function() print(t, getmetatable(t)) end)",
      "cron 0 9 * * * - every day at 08:00 false"),
    Story(
      "a union fires when either does", 70,
      "job('both', { on = every('30s') | cron('* * * * *'), run = function() say('x') end })",
      "30 x", "60 x"),
    Story(
      "an intersection fires when both do", 86_400,
      "job('both', { on = cron('0 */6 * * *') & cron('* 12-23 * * *'), run = function() say('x') end })",
      "43200 x", "64800 x"),
    Story(
      "a difference leaves out the fires of the second", 86_400,
      "job('but', { on = cron('0 */6 * * *') - at('2026-01-01 12:00'), run = function() say('x') end })",
      "21600 x", "64800 x", "86400 x"),
  ]

  static let jobs = [
    Story(
      "a job without a trigger runs on demand, with the arguments given", 2,
      """
      local send = job('send', { args = { id = 0 }, run = function(run) say(run.args.id, run.job.name) end })
      after(1, function() print(#send:trigger { id = 7 }) send:trigger() end)
      """, "1 7 send", "13", "1 0 send"),
    Story(
      "promised runs wait their turn and are never skipped", 2,
      """
      local slow = job('slow', { run = function(run) sleep(0.5) say(run.args.id) end })
      after(0.25, function() for i = 1, 3 do slow:trigger { id = i } end end)
      """, "0.75 1", "1.25 2", "1.75 3"),
    Story(
      "pause and resume keep the phase", 2,
      """
      local j = every('400ms', function() say('tick') end)
      after(0.6, function() j:pause() end)
      after(1.4, function() j:resume() end)
      """, "0.4 tick", "1.6 tick", "2 tick"),
    Story(
      "cancel ends a job, resume starts it again", 2,
      """
      local j = every('400ms', function() say('tick') end)
      after(0.6, function() j:cancel() end)
      after(1.4, function() j:resume() end)
      """, "0.4 tick", "1.6 tick", "2 tick"),
    Story(
      "return cancel ends the job for good", 2,
      "every('400ms', function(run) say(run.n) if run.n == 2 then return cancel end end)",
      "0.4 1", "0.8 2"),
    Story(
      "a paused job fires once it is resumed", 2,
      "local j = every('600ms', { paused = true }, function() say('tick') end) after(0.9, function() j:resume() end)",
      "1.2 tick", "1.8 tick"),
    Story(
      "a handler that is paused misses events", 2,
      """
      local h = on('a', function(e) say(e.payload) end)
      every('250ms', function(run) emit('a', run.n) end)
      after(0.625, function() h:pause() end)
      after(1.375, function() h:resume() end)
      after(1.875, function() h:cancel() end)
      """, "0.25 1", "0.5 2", "1.5 6", "1.75 7"),
    Story(
      "pause and resume in one go change nothing", 1.5,
      """
      local h = on('a', function(e) say(e.payload) end)
      local j = every('500ms', function(run) emit('a', run.n) if run.n == 2 then h:pause() h:resume() end end)
      """, "0.5 1", "1 2", "1.5 3"),
    Story(
      "a run object has the facts of the run", 10,
      """
      every('10s', { name = 'tick', args = { 1, 2 } }, function(run)
        print(#run.id, run.job, run.job.name, run.n, run.attempt, run.scheduled_at, run.fired_at >= run.scheduled_at, run.late < 0.001, #run.args, run.event, run.cancelled)
      end)
      """,
      "13 job tick tick 1 1 1767225610.0 true true 2 nil false"),
    Story(
      "jobs are found by name and by tag", 1,
      """
      every('1h', { name = 'a', tags = { 'x', 'y' } }, function() end)
      every('2h', { name = 'b', tags = { 'x' } }, function() end)
      every('3h', function() end)
      every('3h', function() end)
      after(1, { name = 'ask' }, function()
        local names = {}
        for _, j in ipairs(jobs()) do names[#names + 1] = j.name end
        print(table.concat(names, ', '))
        print(#jobs('x'), #jobs('y'), #jobs('z'), jobs['b'].name, jobs.nope, table.concat(jobs.a.tags, '+'))
        print(jobs.a == jobs('y')[1], jobs.a == jobs.b)
      end)
      """, "a, b, every 3h, every 3h #2, ask", "2 1 0 b nil x+y", "true false"),
    Story(
      "defaults apply to the jobs after them, and false means none", 40,
      """
      every('10s', { name = 'before' }, function() say('before') end)
      defaults { tags = { 't' }, tz = 'Asia/Tokyo', overlap = 'queue' }
      every('20s', { name = 'after' }, function() sleep(15) say('after') end)
      every('30s', { name = 'none', tags = false, overlap = false }, function() end)
      after(36, { name = 'ask' }, function() print(#jobs('t'), date(0, '%H')) end)
      """, "10 before", "20 before", "30 before", "35 after", "2 00", "40 before"),
    Story(
      "a script pauses and resumes itself", 60,
      """
      every('10s', { name = 'tick' }, function(run)
        say(run.n)
        if run.n == 2 then sleep(1) scheduler.pause() sleep(25) scheduler.resume() end
      end)
      """, "10 1", "20 2", "50 3", "60 4"),
    Story(
      "a job that a callback registers lives as long as its generation", 30,
      """
      after(1, function()
        local j = every('5s', { name = 'inner' }, function(run) say('inner', run.n) end)
        after(12, function() j:cancel() say('cancelled') end)
        at(now() - 5, function() say('never') end)
      end)
      after(20, function() print(#jobs()) end)
      """, "6 inner 1", "11 inner 2", "13 cancelled", "2"),
    Story(
      "a higher priority goes first", 10,
      """
      every('10s', { name = 'low', priority = -1 }, function() say('low') end)
      every('10s', { name = 'none' }, function() say('none') end)
      every('10s', { name = 'high', priority = 5 }, function() say('high') end)
      """, "10 high", "10 none", "10 low"),
    Story(
      "a fire that meets its run is skipped", 1.4,
      "every('400ms', function(run) sleep(0.6) say(run.n) end)", "1 1"),
    Story(
      "a fire that meets its run waits with queue", 2,
      "every('400ms', { overlap = 'queue' }, function(run) sleep(0.6) say(run.n) end)",
      "1 1", "1.6 2"),
    Story(
      "runs of one job overlap with allow", 1.1,
      "every('400ms', { overlap = 'allow', max_instances = 2 }, function(run) sleep(0.6) say(run.n) end)",
      "1 1"),
    Story(
      "an error is logged, and the job continues", 1,
      "every('500ms', function(run) say(run.n) error('no') end)",
      "0.5 1", "1 2"),
  ]

  static let events = [
    Story(
      "an event reaches its handlers with payload and source", 1,
      """
      on('order.*', function(e, run) print(e.name, e.payload.id, e.source, run.event.name, run.job.name) end)
      on('order.**', { name = 'all' }, function(e) print(e.name) end)
      on('a | order.new', { name = 'either' }, function(e) print('either') end)
      on('other', function() print('never') end)
      after(1, function() print(emit('order.new', { id = 42 })) emit('order.new.big') end)
      """, "true", "order.new 42 a.lua order.new on order.*", "order.new", "either", "order.new.big"
    ),
    Story(
      "the handlers of a name may change between emits", 2,
      """
      on('n', { name = 'first' }, function(e) say('first', e.payload) end)
      after(0.25, function()
        emit('n', 1) sleep(0.25)
        local second = on('n', { name = 'second' }, function(e) say('second', e.payload) end)
        sleep(0.25) emit('n', 2) sleep(0.25)
        second:pause() emit('n', 3) sleep(0.25)
        second:resume() jobs.first:pause() emit('n', 4) sleep(0.25)
        second:cancel() emit('n', 5) sleep(0.25)
        jobs.first:resume() emit('n', 6)
      end)
      """, "0.25 first 1", "0.75 first 2", "0.75 second 2", "1 first 3", "1.25 second 4",
      "1.75 first 6"),
    Story(
      "a handler takes its events one at a time and in order", 2,
      """
      on('n', function(e) sleep(0.4) say(e.payload) end)
      after(0.25, function() for i = 1, 4 do emit('n', i) end end)
      """, "0.65 1", "1.05 2", "1.45 3", "1.85 4"),
    Story(
      "an overflow is refused to the sender", 2,
      """
      on('n', { backlog = 2 }, function(e) sleep(0.5) say(e.payload) end)
      after(0.25, function() print(emit('n', 1)) sleep(0.2) for i = 2, 4 do print(i, emit('n', i)) end end)
      """, "true", "2 true", "3 true", "4 nil queue full full", "0.75 1",
      "1.25 2", "1.75 3"),
    Story(
      "a payload is a copy, of every type of data", 1,
      """
      on('x', function(e) local p = e.payload
        print(math.type(p.i), math.type(p.f), p.f, #p.bytes, p.bytes:byte(1), p.yes, p.no, p.list[3], #p.list, p.t.u.v, p[7], p[1.5], next(p.empty))
      end)
      after(1, function()
        emit('x', { i = math.maxinteger, f = 1.0, bytes = '\\xff\\0z', yes = true, no = false, list = { 1, 2, 3 }, t = { u = { v = 'w' } }, [7] = 'seven', [1.5] = 'float', empty = {} })
      end)
      """, "integer float 1.0 3 255 true false 3 3 w seven float nil"),
    Story(
      "null and empty objects keep their nature in payloads and arguments", 3,
      """
      job('j', { run = function(run) print(json.encode(run.args), run.args.a == json.null) end })
      on('x', function(e) print(json.encode(e.payload), #e.payload.list) jobs['j']:trigger(e.payload) end)
      after(1, function() emit('x', { a = json.null, list = { json.null, json.null }, o = json.object(), t = {} }) end)
      """, #"{"a":null,"list":[null,null],"o":{},"t":[]} 2"#,
      #"{"a":null,"list":[null,null],"o":{},"t":[]} true"#),
    Story(
      "null and empty objects keep their nature in the state", 3,
      """
      every('1s', { name = 'j', state = json.decode('{"none":[null],"o":{}}') }, function(run)
        print(json.encode(run.state))
        run.state.n, run.state.last = run.n, json.null
      end)
      """, #"{"none":[null],"o":{}}"#, #"{"last":null,"n":1,"none":[null],"o":{}}"#,
      #"{"last":null,"n":2,"none":[null],"o":{}}"#),
    Story(
      "a chain of events is bounded", 1,
      """
      on('a', function(e) local ok, why, code = emit('a', e.payload + 1) if not ok then print(e.payload, why, code) end end)
      after(1, function() emit('a', 1) end)
      """,
      "a is not emitted: the chain of events is too long (16 events led here)",
      "16 the chain of events is too long (16 events led here) depth"),
    Story(
      "host events reach handlers, and do not feed themselves", 20,
      """
      every('10s', { name = 'tick' }, function() end)
      every('10s', { name = 'bad' }, function() error('oh') end)
      on('run.*', { name = 'runs' }, function(e) print(e.name, e.payload.job, e.payload.error) end)
      """,
      "run.started tick nil", "run.started bad nil", "run.succeeded tick nil",
      "run.failed bad a.lua:3: oh", "run.given_up bad a.lua:3: oh",
      "run.started tick nil", "run.started bad nil", "run.succeeded tick nil",
      "run.failed bad a.lua:3: oh", "run.given_up bad a.lua:3: oh"),
    Story(
      "handlers get the start of the host", 0,
      "on('scheduler.started', function(e) print(e.name) end)",
      "scheduler.started"),
    Story(
      "a script that pauses and resumes itself whenever it is resumed is stopped", 2,
      """
      local times = 0
      local function again() scheduler.pause() scheduler.resume() end
      on('scheduler.resumed', { name = 'resumed' }, function() times = times + 1 again() end)
      after(0.5, { name = 'one' }, again)
      after(1.5, { name = 'two' }, function() print(times) end)
      """,
      "16"),
    Story(
      "job events follow the life of jobs", 2,
      """
      on('job.*', { name = 'jobs' }, function(e) print(e.name, e.payload.job) end)
      local j = every('1h', { name = 'hourly' }, function() end)
      after(0.25, { name = 'one' }, function() after(0.5, { name = 'two' }, function() end) end)
      after(1.5, { name = 'three' }, function() j:pause() j:resume() j:cancel() end)
      """,
      "job.finished one", "job.added two", "job.finished two", "job.removed two",
      "job.finished three", "job.paused hourly", "job.resumed hourly", "job.finished hourly"
    ).differs(
      on: .virtual, "a script hears that its jobs are added if anything else listens to job events"),
  ]

  static let waiting = [
    Story(
      "sleep waits without a thread", 2,
      "after(0.25, function() say('a') say(sleep('500ms')) sleep(0.75) say('b') end)", "0.25 a",
      "0.75",
      "1.5 b"),
    Story(
      "run:sleep is sleep", 2, "after(0.25, function(run) run:sleep(1) say('b') end)", "1.25 b"),
    Story(
      "sleep works inside coroutines, iterators and pcall", 2,
      """
      after(0.25, function()
        local co = coroutine.create(function(x) sleep(0.25) local y = coroutine.yield(x + 1) sleep(0.25) return y * 2 end)
        say(coroutine.resume(co, 1))
        say(coroutine.resume(co, 21))
        say(coroutine.status(co))
        for i in coroutine.wrap(function() for i = 1, 2 do sleep(0.25) coroutine.yield(i) end end) do say(i) end
        say(pcall(function() sleep(0.25) error('x', 0) end))
      end)
      """, "0.5 true 2", "0.75 true 42", "0.75 dead", "1 1", "1.25 2", "1.5 false x"),
    Story(
      "a coroutine that sleeps cannot be touched by its siblings", 2,
      """
      local co
      after(0.5, function() co = coroutine.create(function() sleep(1) end) coroutine.resume(co) say('slept') end)
      after(1, function() say(coroutine.status(co), pcall(coroutine.close, co)) say(coroutine.resume(co)) end)
      """, "1 normal false cannot close a normal coroutine",
      "1 false cannot resume non-suspended coroutine", "1.5 slept"),
    Story(
      "sleep in a comparator is an error", 1,
      "after(1, function() print(pcall(table.sort, { 1, 2, 3 }, function() sleep(1) return true end)) end)",
      "false a.lua:2: sleep cannot wait here: inside a comparator, a string.gsub callback, the function of kv.update or another function that C calls"
    ),
    Story(
      "wait returns the event", 2,
      """
      after(0.5, function() local e = wait('paid') say(e.name, e.payload.id, e.source) end)
      after(1, function() emit('paid', { id = 5 }) emit('paid', { id = 6 }) end)
      """, "1 paid 5 a.lua"),
    Story(
      "wait takes patterns and a timeout", 2,
      """
      after(0.25, function() say(wait('order.* | x', '500ms')) say(wait('order.**', 3).name) end)
      after(1.25, function() emit('order.new.big') end)
      """, "0.75 nil timeout", "1.25 order.new.big"),
    Story(
      "an event wakes all runs that wait for it", 2,
      """
      job('w', { overlap = 'allow', run = function(run) wait('go') say(run.n) end })
      after(0.25, function() for i = 1, 3 do jobs.w:trigger() end end)
      after(1, function() emit('go') end)
      """, "1 1", "1 2", "1 3"),
    Story(
      "callbacks of one script interleave only where they wait", 2,
      """
      local busy = 0
      for i = 1, 20 do
        every('400ms', function()
          busy = busy + 1 assert(busy == 1) for _ = 1, 1000 do end busy = busy - 1
          sleep(0.2)
          busy = busy + 1 assert(busy == 1) busy = busy - 1
        end)
      end
      after(1.9, function() say('fine') end)
      """, "1.9 fine"),
  ]

  static let text = [
    Story(
      "json reads and writes", 1,
      """
      local config = json.decode '{"name":"a","ports":[80,443],"none":null}'
      after(1, function()
        print(config.name, #config.ports, config.none, json.encode(config), json.decode('[1,'))
        print(json.null, json.decode('[null]'), json.encode { json.null, {}, json.object() })
        print(require 'moonwheel.json' == json, require 'moonwheel.hash' == hash)
      end)
      """,
      #"a 2 nil {"name":"a","ports":[80,443]} nil expected a value, not the end at byte 4 (1:4) in [2] json"#,
      "null {null} [null,[],{}]", "true true"),
    Story(
      "hash makes digests and ids", 1,
      """
      local loaded = hash.uuid()
      after(1, function()
        print(hash.sha256('abc'):sub(1, 8), hash.hmac('key', 'text', { as = 'base64' }), #hash.uuid(7), #loaded)
        print(hash.base64('moon'), hash.from_base64('bW9vbg=='), hash.hex('a'), #hash.random(20), hash.equal('a', 'b'))
      end)
      """, "ba7816bf avqQRqlXnK0UOjhMG1ZLmiUNJ9b2pj+fIL86dZTJ4sY= 36 36",
      "bW9vbg== moon 61 20 false"),
    Story(
      "print joins with tabs and takes anything", 1,
      "after(1, function() print(1, 2.0, nil, true, 'x') io.write('a', 1, '\\n') end)",
      "1 2.0 nil true x", "a1\n"),
    Story(
      "now and date", 5,
      """
      after(1.5, function()
        print(now(), date(), date(0), date(nil, '%H:%M:%S'), date(0, '%Y-%m-%d %z %A', 'America/New_York'))
      end)
      """,
      "1767225601.5 2026-01-01T00:00:01.500+00:00 1970-01-01T00:00:00+00:00 00:00:01 1969-12-31 -0500 Wednesday"
    ),
  ]
}
