import Layers
import MoonwheelTesting
import SystemCalls
import Testing
import WorkerPool

@testable import Moonwheel
@testable import SchedulerEngine
@testable import ScriptHost

/// Swift functions that scripts call, and events between scripts and the program.
@Suite struct EmbeddingTests {
  private struct Unfit: Error, CustomStringConvertible {
    var description: String { "unfit" }
  }

  @Test func `a script calls a Swift function`() async throws {
    let script = """
      on('go', function(e)
        print(greeting('Ada', 2), shop.price { id = 7 }.total)
        print(pcall(greeting))
        print(shop.refuse())
      end)
      print(greeting('load', 1))
      """
    try await withHost(
      ["a.lua": script],
      prepare: { scheduler in
        try scheduler.register("greeting", arguments: ["name", "count"]) { arguments in
          guard let name = arguments.first?.text, let count = arguments.last?.int else {
            throw Unfit()
          }
          return .string("hello " + name + String(repeating: "!", count: Int(count)))
        }
        try scheduler.register("shop.price") {
          ["total": .number((($0[0]["id"]?.double) ?? 0) / 2)]
        }
        try scheduler.register("shop.refuse") { _ in throw Refusal("sold out", code: "gone") }
      },
      body: { host in
        try host.scheduler.emit("go")
        host.scheduler.waitUntilIdle()
        #expect(
          host.log.said == [
            "hello load!", "hello Ada!!\t3.5", "false\ta.lua:3: unfit", "nil\tsold out\tgone",
          ])
      })
  }

  @Test func `a script waits for an async Swift function and holds no thread`() async throws {
    let script = """
      for i = 1, 100 do
        on('go', { name = 'h' .. i }, function() emit('told', fetch(i)) end)
      end
      on('bad', function() emit('told', { pcall(fetch, -1) }) emit('told', { fetch(0) }) end)
      print(pcall(fetch, 1))
      """
    try await withHost(
      ["a.lua": script],
      prepare: { scheduler in
        try scheduler.registerAsync("fetch", arguments: ["n"]) { arguments in
          await Task.yield()
          guard let number = arguments[0].int, number >= 0 else { throw Unfit() }
          guard number > 0 else { throw Refusal("nothing", code: "empty") }
          return .integer(number * 2)
        }
      },
      body: { host in
        #expect(
          host.log.said == [
            "false\ta.lua:5: fetch waits, and cannot be called while the script loads"
          ])
        let told = try EventRecorder("told", of: host.scheduler)
        try host.scheduler.emit("go")
        #expect(try await told.reaches { $0.count == 100 })
        #expect(
          told.events.compactMap { $0.payload.int }.sorted() == (1...100).map { Int64($0 * 2) })
        told.removeAll()
        try host.scheduler.emit("bad")
        #expect(try await told.reaches { $0.count == 2 })
        #expect(
          told.events.map(\.payload) == [
            [false, "a.lua:4: unfit"], .table([2: "nothing", 3: "empty"]),
          ])
      })
  }

  @Test(arguments: [
    ("every", "\"every\" is a word of the Lua API; choose another name"),
    ("host.x", "\"host\" is a word of the Lua API; choose another name"),
    ("a.b.c", "\"a.b.c\" is not a name for a function: write \"name\" or \"table.name\""),
    ("", "\"\" is not a name for a function: write \"name\" or \"table.name\""),
    ("1x", "\"1x\" is not a name for a function: write \"name\" or \"table.name\""),
  ])
  func `a name that is invalid or taken is refused`(name: String, message: String) async throws {
    try await withHost([:]) { host in
      let error = #expect(throws: RegistrationError.self) {
        try host.scheduler.register(name) { _ in .nil }
      }
      #expect(error?.description == message)
    }
  }

  @Test func `events of the program reach scripts, and events of scripts reach the program`()
    async throws
  {
    let script =
      "on('order.*', function(e) emit('told', { e.name, e.source, e.payload.id + 1 }) end)"
    try await withHost(["a.lua": script]) { host in
      let told = try host.scheduler.events("told | run.succeeded")
      try host.scheduler.emit("order.new", ["id": 41], source: "shop")
      host.scheduler.waitUntilIdle()
      var seen: [Event] = []
      for await event in told {
        seen.append(event)
        if seen.count == 2 { break }
      }
      #expect(seen.map(\.name) == ["told", "run.succeeded"])
      #expect(seen[0].payload == ["order.new", "shop", 42])
      #expect(seen[0].source == "a.lua")
      #expect(seen[1].payload["job"] == "on order.*")
    }
  }

  @Test func `a slow reader of events loses the oldest, which are counted, and reads the rest`()
    async throws
  {
    try await withHost(["a.lua": ""]) { host in
      let told = try host.scheduler.events("told", bufferingNewest: 3)
      for number in 1...10 as ClosedRange<Int64> {
        try host.scheduler.emit("told", .integer(number))
      }
      await host.stop()
      var seen: [Value] = []
      for await event in told { seen.append(event.payload) }
      #expect(seen == [8, 9, 10])
      #expect(told.dropped == 7)
    }
  }

  @Test(arguments: ["", "a b", "a..b", "a.*", "x|y"])
  func `an event with an invalid name is refused`(name: String) async throws {
    try await withHost([:]) { host in
      let error = #expect(throws: EmitError.self) { try host.scheduler.emit(name) }
      #expect(error?.code == .invalidName)
    }
  }

  @Test func `a full queue refuses an event of the program`() async throws {
    let script = "on('n', { backlog = 2 }, function(e) sleep(1) print(e.payload) end)"
    try await withHost(["a.lua": script]) { host in
      try host.scheduler.emit("n", 1)
      host.scheduler.waitUntilIdle()
      try host.scheduler.emit("n", 2)
      try host.scheduler.emit("n", 3)
      let error = #expect(throws: EmitError.self) { try host.scheduler.emit("n", 4) }
      #expect(error?.code == .queueFull)
      #expect(error?.description == "the queue of a handler of \"n\" is full")
      #expect(host.scheduler.environment.bus.refusedCount == 1)
      host.advance(by: 10)
      #expect(host.log.said == ["1", "2", "3"])
    }
  }

  @Test func `callbacks of one script never overlap, and those of two scripts run in parallel`()
    async throws
  {
    let gate = Condition((inside: [String: Int](), most: 0, together: 0))
    let script = "for i = 1, 20 do every('10s', function() enter(SCRIPT) end) end"
    try await withHost(
      ["a.lua": "SCRIPT = 'a'\n" + script, "b.lua": "SCRIPT = 'b'\n" + script],
      prepare: { scheduler in
        // The first callback of each script waits for that of the other.
        try scheduler.register("enter") { arguments in
          let name = arguments[0].text ?? ""
          gate.withLock { state in
            state.inside[name, default: 0] += 1
            state.most = max(state.most, state.inside[name] ?? 0)
            state.together = max(state.together, state.inside.values.reduce(0, +))
          }
          gate.broadcast()
          _ = gate.wait(until: Clocks.monotonic() + 10_000_000_000) {
            $0.together == 2 ? true : nil
          }
          gate.withLock { $0.inside[name, default: 0] -= 1 }
          return .nil
        }
      },
      body: { host in
        host.advance(by: 10)
        #expect(gate.withLock { $0.most } == 1)
        #expect(gate.withLock { $0.together } == 2)
      })
  }
}
