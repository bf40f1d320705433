import LuaRuntime
import MoonwheelModel
import SchedulerCore
import Testing

/// What a callback gets and leaves: its run, its state, its `when`, its end.
@Suite struct RunObjectTests {
  /// Keeps the functions of a script by `keep(name, f)` and starts the first.
  private func outcome(
    _ script: String, _ payload: Dispatch.Payload = .none, state: Value? = nil, value: Value? = nil,
    hasWhen: Bool = false, bench: Bench
  ) throws -> IsolateOutcome {
    _ = try bench.run(script)
    let callback = try #require(bench.callbacks.first)
    var dispatch = Dispatch.sample(7, number: 3)
    dispatch.attempt = 2
    dispatch.extras = Boxed(
      Dispatch.Extras(payload: payload, state: state, hook: value.map { .init(.success, $0) }))
    let when = hasWhen ? try #require(bench.callbacks.last) : .none
    return bench.finish(
      bench.isolate.turn {
        $0.start(dispatch, CallbackStart(callback: callback, when: when))
      })
  }

  private func bench() throws -> Bench {
    try Bench(
      prelude: """

        function host.guard(when, callback, run, ...)
          if when(run) then return callback(...) end
          return host.declined
        end
        """)
  }

  @Test(
    arguments: [
      ("function(run) end", ["a": 1]), ("function(run) run.state.a = 2 end", ["a": 2]),
      ("function(run) run.state = { b = { 1 } } end", ["b": [1]]),
      ("function(run) run.state.a = nil end", []),
      ("function(run) run.state.a = run.args end", ["a": "given"]),
      (
        "function(run) setmetatable(run.state, { __index = error, __pairs = error }) end", ["a": 1]
      ),
      ("function(run) sleep(1) run.state.a = run.state.a + 1 return 'result' end", ["a": 2]),
      ("function(run) run.state.b = run.n end", ["a": 1, "b": 3]),
    ] as [(String, Value)])
  func `the state is read back when a run has ended well`(callback: String, state: Value) throws {
    let bench = try bench()
    let outcome = try outcome(
      "keep('f', \(callback))", .arguments("given"), state: ["a": 1], bench: bench)
    guard case .finished = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(bench.isolate.finalState == state)
  }

  @Test func `a run that nobody looks at, and one without a state, leave none`() throws {
    let bench = try bench()
    _ = try outcome("keep('f', function() end)", state: ["a": 1], bench: bench)
    #expect(bench.isolate.finalState == nil)
    _ = try outcome("keep('f', function(run) assert(run.state == nil) end)", bench: bench)
    #expect(bench.isolate.finalState == nil)
  }

  @Test func `return cancel keeps the state, too`() throws {
    let bench = try bench()
    let outcome = try outcome(
      "keep('f', function(run) run.state.a = 5 return cancel end)", state: [:], bench: bench)
    guard case .cancelled = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(bench.isolate.finalState == ["a": 5])
  }

  @Test(arguments: [
    (
      "run.state.cb = { print }",
      "script.lua:1: run.state.cb[1]: a function cannot leave its script"
    ),
    (
      "run.state.t = run.state",
      "script.lua:1: run.state.t: a table that contains itself cannot be copied"
    ),
    ("run.state = 5", "script.lua:1: run.state must be a table, not a number"),
    (
      "run.stat = {}",
      "script.lua:1: only run.state can be assigned: the other fields of a run are read-only"
    ),
    (
      "run[1] = {}",
      "script.lua:1: only run.state can be assigned: the other fields of a run are read-only"
    ),
    ("error('x', 0)", "x"),
  ])
  func `a state that cannot be kept fails its run`(body: String, message: String) throws {
    let bench = try bench()
    let outcome = try outcome(
      "keep('f', function(run) \(body) end)", state: [:], bench: bench)
    guard case .failed(let failure) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(failure.message == message)
    #expect(bench.isolate.finalState == nil)
  }

  @Test func `a job without a state cannot be given one by a run`() throws {
    let bench = try bench()
    let outcome = try outcome("keep('f', function(run) run.state = {} end)", bench: bench)
    guard case .failed(let failure) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(
      failure.message
        == "script.lua:1: this job has no state: declare an initial one, as in state = {}")
  }

  @Test(arguments: [
    ("function(run) return run.n == 3 and run.args == 'given' end", true),
    ("function(run) return 0 end", true), ("function(run) end", false),
    ("function(run) return false end", false), ("function(run) sleep(1) return true end", true),
    ("function(run) sleep(1) return nil end", false), ("function() return true end", true),
  ])
  func `a when lets its callback run or not`(when: String, runs: Bool) throws {
    let bench = try bench()
    let script = "keep('f', function(run) return run.id end) keep('when', \(when))"
    switch try outcome(script, .arguments("given"), hasWhen: true, bench: bench) {
    case .finished(let value): #expect(runs && value.text?.count == 13)
    case .declined: #expect(!runs)
    case let other: Issue.record("\(other)")
    }
  }

  @Test func `a handler with a when gets its event, and the when its run`() throws {
    let bench = try bench()
    let script = """
      keep('f', function(event, run) return event.name .. run.event.name end)
      keep('when', function(run) return run.event.name == 'x' end)
      """
    let outcome = try outcome(script, .event(Event(name: "x")), hasWhen: true, bench: bench)
    guard case .finished("xx") = outcome else {
      Issue.record("\(outcome)")
      return
    }
  }

  @Test func `an error in a when is the run's`() throws {
    let bench = try bench()
    let script = "keep('f', function() end)\nkeep('when', function() error('no') end)"
    guard case .failed(let failure) = try outcome(script, hasWhen: true, bench: bench) else {
      Issue.record("not failed")
      return
    }
    #expect(failure.message == "script.lua:2: no")
  }

  @Test(arguments: [Dispatch.Payload.none, .arguments("given"), .event(Event(name: "x"))])
  func `a hook gets the run and a value, and its state is not read back`(
    payload: Dispatch.Payload
  ) throws {
    let bench = try bench()
    let script = """
      keep('f', function(run, value)
        run.state.a = 2
        return { run.n, value.x, run.args or (run.event and run.event.name) or 'none' }
      end)
      """
    let outcome = try outcome(
      script, payload, state: ["a": 1], value: ["x": true], bench: bench)
    guard case .finished(let result) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(result[1] == 3 && result[2] == true)
    #expect(["none", "given", "x"].contains(result[3]?.text))
    #expect(bench.isolate.finalState == nil)
  }

  @Test(arguments: [
    "ask()", "pcall(ask)", "xpcall(ask, print)", "coroutine.wrap(function() ask() end)()",
    "pcall(pcall, function() for _ in coroutine.wrap(ask) do end end)",
    "table.sort({ 1, 2, 3 }, function() ask() end)",
  ])
  func `a host function can end the run, whatever catches errors there`(call: String) throws {
    let bench = try bench()
    bench.answer = .end
    let script = """
      keep('f', function(run)
        local mark <close> = setmetatable({}, { __close = function() print('closed') end })
        \(call)
        print('went on')
      end)
      """
    guard case .interrupted(let traceback) = try outcome(script, bench: bench) else {
      Issue.record("not ended")
      return
    }
    #expect(traceback.contains("script.lua:3"), "\(traceback)")
    #expect(bench.taken == [["closed"]])
    #expect(try bench.run("return 'goes on'") == "goes on")
  }

  @Test func `the memory of a turn is known`() throws {
    let bench = try bench()
    _ = try bench.run("x = 1")
    let idle = bench.isolate.memoryPeak
    _ = try bench.run("local s = ('x'):rep(1000000)")
    #expect(bench.isolate.memoryPeak > idle + 1_000_000)
    _ = try bench.run("for _ = 1, 3 do repeat until collectgarbage('step') end")
    _ = try bench.run("x = 1")
    #expect(bench.isolate.memoryPeak < idle + 100_000)
  }

  @Test func `the memory of a state can be set anew`() throws {
    let bench = try bench()
    let script = "return #(('x'):rep(4000000))"
    bench.isolate.setMemory(2 << 20)
    #expect(failure { try bench.run(script) }.contains("not enough memory"))
    bench.isolate.setMemory(16 << 20)
    #expect(try bench.run(script) == 4_000_000)
  }
}
