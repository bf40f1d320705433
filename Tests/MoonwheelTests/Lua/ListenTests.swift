import Layers
import LuaRuntime
import MoonwheelTesting
import TestSupport
import Testing

@testable import Moonwheel
@testable import ScriptHost

/// Boxes of `listen`, and `wait` with a filter.
@Suite struct ListenTests {
  @Test(arguments: Story.listening.onEachClock)
  func `a story of a run that listens prints what it should`(story: StoryRun) async throws {
    try await story.check()
  }

  /// How a run ends, and what its body does after it has begun to listen.
  static let ends: [(outcome: String, body: String)] = [
    ("succeeded", ""),
    ("failed", "error('x')"),
    ("failed", "emit('x') box:next() wait('y', '10ms', function() end) error('z')"),
    ("failed", "after(0.01, function() emit('y') end) wait('y', 9, function() error('x') end)"),
    ("timed_out", "while true do end"),
    ("timed_out", "box:next()"),
    ("timed_out", "wait('x', nil, { id = 1 })"),
    (
      "dropped",
      "local f <close> = setmetatable({}, { __close = function() sleep('9s') end }) box:next()"
    ),
    ("evicted", "string.find(('a'):rep(40), ('a-'):rep(40) .. 'b')"),
    ("abandoned", "bomb:trigger() box:next()"),
    ("cancelled", "killer:trigger() box:next()"),
  ]

  @Test(arguments: ends)
  func `a box ends with its run, however that ends`(outcome: String, body: String) async throws {
    let script = """
      bomb = job('bomb', { timeout = '50ms', run = function() string.find(('a'):rep(40), ('a-'):rep(40) .. 'b') end })
      killer = job('killer', { run = function() jobs.j:cancel() clear('j') end })
      on('go', { name = 'j', timeout = { soft = '200ms', hard = '300ms' }, overlap = 'allow' }, function(run)
        box = listen('x')
        listen('y.*') listen('x | z')
        print('listens')
        \(body)
      end)
      """
    try await inThread {
      let host = try MachineHost(["a.lua": script], Configuration(), nil)
      let ends = try EventRecorder("run.\(outcome)", of: host.scheduler)
      try host.emit("go")
      host.awaitLines(1)
      #expect(ends.wait { $0.contains { $0.payload["job"] == "j" } })
      host.scheduler.waitUntilIdle()
      #expect(host.scheduler.environment.bus.boxCount == 0)
      host.stop()
    }
  }

  @Test func `the boxes of a run that a stop interrupts are gone`() async throws {
    let script = "on('go', function() listen('x') print('listens') wait('y', nil, { id = 1 }) end)"
    try await inThread {
      let host = try MachineHost(["a.lua": script], Configuration(), nil)
      try host.emit("go")
      host.awaitLines(1)
      host.stop()
      #expect(host.scheduler.environment.bus.boxCount == 0)
    }
  }

  @Test func `a run goes on listening in the old text after a reload`() async throws {
    func text(_ version: String) -> String {
      """
      on('go', { name = 'j' }, function()
        local box <close> = listen('x')
        for i = 1, 3 do print('\(version)', box:next().payload) end
      end)

      """
    }
    try await withFolder(["a.lua": text("old")]) { served in
      try served.scheduler.emit("go")
      served.scheduler.waitUntilIdle()
      try served.scheduler.emit("x", 1)
      served.scheduler.waitUntilIdle()
      try served.write("a.lua", text("new"))
      served.expect("reloaded a.lua")
      try served.scheduler.emit("x", 2)
      try served.scheduler.emit("x", 3)
      served.scheduler.waitUntilIdle()
      #expect(served.said() == ["old\t1", "old\t2", "old\t3"])
      #expect(served.scheduler.environment.bus.boxCount == 0)
      served.expectIsolates(1)
    }
  }

  @Test func `a run has a hundred boxes at most, and patterns count with those of waits`() throws {
    let single = try SingleScript(
      """
      job('j', { run = function()
        local boxes = {}
        for i = 1, 60 do boxes[i] = listen('x' .. i .. '.*') end
        for i = 61, 100 do boxes[i] = listen('x') end
        local why, code = select(2, listen('x'))
        boxes[1]:close()
        return { why, code, listen('x') ~= nil, (select(2, listen('y'))) }
      end })
      job('k', { run = function()
        for i = 1, 99 do listen('y' .. i .. '.*') end
        return { listen('y.1.*') ~= nil, select(3, wait('y.2.*', '1s', function() end)) }
      end })
      """)
    #expect(
      try single.run("j").result == [
        "a run listens 100 times at most; close a box with box:close()", "full", true,
        "a run listens 100 times at most; close a box with box:close()",
      ])
    #expect(try single.run("k").result == [true, "full"])
  }

  @Test(arguments: [
    (
      "wait('x', { id = 1 })",
      "wait takes its filter after the timeout: wait(pattern, timeout, filter); the timeout may be nil"
    ),
    (
      "wait('x', '1s', 'id')",
      "the filter of wait must be a function of the event, or a table of fields that the payload must have, not a string"
    ),
    (
      "listen('x', 5)",
      "the filter of listen must be a function of the event, or a table of fields that the payload must have, not a number"
    ),
    ("listen('a..b')", "event pattern \"a..b\": it has an empty part"),
    ("box.next('1s')", "next is a method: write box:next(timeout)"),
    ("box:next('5')", "the timeout: \"5\" has no unit; write \"5s\" or the number 5"),
    ("box:close() box:next()", "the box is closed"),
    ("emit('x', box)", ": a function cannot leave its script"),
    ("jobs.other:trigger(box)", ": a function cannot leave its script"),
    (
      "other:next()",
      "this box belongs to another run: a box ends with the run that made it"
    ),
    (
      "table.sort({ 1, 2 }, function() wait('x', '1s', {}) end)",
      "box:next cannot wait here: inside a comparator, a string.gsub callback, the function of kv.update or another function that C calls"
    ),
  ])
  func `a mistake with a box says what to write`(text: String, message: String) throws {
    let single = try SingleScript(
      """
      job('other', { run = function() other = listen('x') end })
      job('j', { run = function()
        local box = listen('x')
        \(text)
      end })
      """)
    _ = try single.run("other")
    let failure = try #require(try single.run("j").failure)
    #expect(failure.message.hasPrefix("a.lua:4: "))
    #expect(failure.message.hasSuffix(message), "\(failure.message)")
  }

  @Test func `a script cannot listen while it loads or says when it fires`() throws {
    #expect(throws: ScriptError.self) { try SingleScript("listen('x')") }
    #expect(throws: ScriptError.self) { try SingleScript("wait('x', '1s', { id = 1 })") }
  }
}

extension Story {
  fileprivate static let listening = [
    Story(
      "nothing is lost between promises and their results", 20,
      """
      local part = job('part', { overlap = 'queue', backlog = 100, run = function(run) emit('part.done', run.args) end })
      after(1, function()
        local box <close> = listen('part.done')
        for i = 1, 40 do part:trigger { id = i } end
        local seen, sum = 0, 0
        repeat
          local e = box:next('5s')
          if e then seen, sum = seen + 1, sum + e.payload.id end
        until not e or seen == 40
        say(seen, sum, box.dropped)
      end)
      """, "1 40 820 0"
    ).except(on: .machine, "it takes time"),
    Story(
      "events in a loop are not lost", 2,
      """
      after(0.25, function()
        local box <close> = listen('x')
        for i = 1, 5 do emit('x', i) end
        sleep(0.25)
        for i = 1, 5 do say(box:next('1s').payload) end
        say(box:next('250ms'))
      end)
      """, "0.5 1", "0.5 2", "0.5 3", "0.5 4", "0.5 5", "0.75 nil timeout"),
    Story(
      "a wait with a filter takes the event that it means", 2,
      """
      for id = 1, 2 do
        on('order.new', { name = 'o' .. id }, function(e)
          local paid, why = wait('order.paid', '1s', { id = id })
          say(id, paid and paid.payload.by or why)
        end)
      end
      after(0.25, function() emit('order.new') end)
      after(0.5, function() emit('order.paid', 'no table') emit('order.paid', { id = 2, by = 'two' }) emit('order.paid', { id = 3 }) end)
      """, "0.5 2 two", "1.25 1 timeout"),
    Story(
      "a filter may be a function, compare tables within, and wait itself", 2,
      """
      after(0.25, function()
        say(wait('x', nil, { a = { b = 1 }, c = true }).payload.n)
        say(wait('x', nil, function(e) sleep(0.25) return e.payload.n >= 4 end).payload.n)
      end)
      after(0.5, function()
        emit('x', { n = 1, a = { b = 2 }, c = true }) emit('x', { n = 2, a = { b = 1, d = 1 }, c = true })
      end)
      after(0.75, function() emit('x', { n = 3 }) emit('x', { n = 4 }) end)
      """, "0.5 2", "1.25 4"),
    Story(
      "the timeout of a filtered wait is not renewed by what it refuses", 2,
      """
      every('200ms', function() emit('x', 1) end)
      after(0.25, function() say(wait('x', '500ms', function() return false end)) end)
      """, "0.75 nil timeout"),
    Story(
      "an error in a filter is an error of the run", 1,
      """
      after(0.25, function() wait('x', '9s', function(e) return e.payload.id.no end) end)
      after(0.5, function() emit('x', {}) end)
      on('run.failed', function(e) say((e.payload.error:match('[^%c]+'))) end)
      """, "0.5 a.lua:2: attempt to index a nil value (field 'id')"
    ),
    Story(
      "a box takes events by pattern and filter, and keeps their order", 1,
      """
      after(0.25, function()
        local box <close> = listen('a.* | b', function(e) return e.payload % 2 == 1 end)
        for i = 1, 6 do emit(({ 'a.x', 'b', 'c' })[i % 3 + 1], i) end
        for i = 1, 2 do local e = box:next(1) say(e.name, e.payload) end
        say(box:next('250ms'))
      end)
      """, "0.25 b 1", "0.25 a.x 3", "0.5 nil timeout"),
    Story(
      "a box keeps a thousand events and counts the others", 2,
      """
      after(0.25, function()
        local box <close> = listen('x')
        for i = 1, 1005 do emit('x', i) end
        local n = 0
        while box:next('10ms') do n = n + 1 end
        emit('x', 0)
        say(n, box.dropped, box:next('10ms').payload)
        box:close()
        say(box.dropped, pcall(box.next, box))
      end)
      """,
      "5 events were left out: more came for \"x\" than the run has taken, and a box keeps 1000",
      "0.26 1000 5 0", "0.26 5 false the box is closed"),
    Story(
      "a box hears the events of the host", 2,
      """
      local j = job('bad', { run = function() error('no', 0) end })
      after(0.25, function()
        local box <close> = listen('run.failed', { job = 'bad' })
        j:trigger()
        say(box:next('1s').payload.error:match('%w+$'))
      end)
      """, "0.25 no"),
    Story(
      "two runs that listen get each event", 1,
      """
      for i = 1, 2 do after(0.25, function() say(i, listen('x'):next().payload) end) end
      after(0.5, function() emit('x', 7) end)
      """, "0.5 1 7", "0.5 2 7"),
    Story(
      "a box works in coroutines and with pcall", 1,
      """
      after(0.25, function()
        local box = listen('x')
        local co = coroutine.wrap(function() while true do coroutine.yield(box:next('1s').payload) end end)
        emit('x', 1) emit('x', 2)
        say(co(), co(), pcall(box.next, box, '250ms'))
      end)
      """, "0.5 1 2 true nil timeout"),
  ]
}
