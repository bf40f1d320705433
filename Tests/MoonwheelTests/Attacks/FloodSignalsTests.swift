import Layers
import MoonwheelTesting
import SystemCalls
import Testing
import WorkerPool

@testable import Moonwheel
@testable import SchedulerEngine
@testable import ScriptHost

/// A script that floods the core, next to a neighbour that ticks every 50 ms.
struct Flood: Sendable, CustomTestStringConvertible {
  var name: String
  /// The body of the loop, in a run of 2 s.
  var source: String
  var preamble = ""

  var testDescription: String { name }

  var script: String {
    """
    every("100ms", { name = "own" }, function() end)
    \(preamble)
    after("100ms", { name = "attack", timeout = { soft = "2s", hard = "2100ms" } }, function(run)
      \(source)
    end)
    """
  }

  /// Every second one, and all of them with MOONWHEEL_HOSTILE=all.
  static var tried: [Flood] {
    if Environment.value(of: "MOONWHEEL_HOSTILE") == "all" { return all }
    return stride(from: 0, to: all.count, by: 2).map { all[$0] }
  }

  static let all: [Flood] = [
    Flood(
      name: "pause and resume", source: "while true do scheduler.pause() scheduler.resume() end"),
    Flood(
      name: "pause and resume in many runs",
      source: "for i = 1, 500 do emit('go') end sleep('10s')",
      preamble: """
        for i = 1, 200 do every("1h", function() end) end
        on("go", { overlap = "allow", max_instances = 1000, timeout = "2s" }, function()
          while true do scheduler.pause() scheduler.resume() end
        end)
        """),
    Flood(
      name: "idle beside many jobs", source: "while true do idle() end",
      preamble: "for i = 1, 20000 do every('1h', function() end) end"),
    Flood(
      name: "registrations in pcall",
      source: "while true do pcall(after, '1h', function() end) end"),
    Flood(
      name: "registrations that end at once",
      source: "while true do pcall(after, '1ms', function() end) end"),
    Flood(
      name: "registrations in a comparator",
      source: """
        while true do
          pcall(table.sort, { 1, 2, 3 }, function() for i = 1, 1e6 do after("1h", function() end) end end)
        end
        """),
    Flood(
      name: "handlers of patterns",
      source:
        "local i = 0 while true do i = i + 1 pcall(on, '**.x' .. i, function() end) emit('a.b') end"
    ),
    Flood(
      name: "handlers that become those of patterns",
      source: """
        for i = 1, 5000 do
          local j = on("event" .. i, function() end)
          pcall(j.reschedule, j, on("**.y" .. i .. " | *.z"))
          emit("a.b")
        end
        """),
    Flood(
      name: "keys in many runs",
      source: "for i = 1, 200 do emit('go', i) end sleep('10s')",
      preamble: """
        on("kv.self.**", function() end)
        on("go", { overlap = "allow", max_instances = 1000, timeout = "2s" }, function(event)
          local text = ("x"):rep(60000)
          while true do kv.set("self.k" .. event.payload, text, { ttl = 0.001 }) kv.add("self.n") end
        end)
        """),
    Flood(
      name: "waits for patterns",
      source:
        "for i = 1, 20000 do emit('go', i) if i % 500 == 0 then sleep('1ms') end end sleep('10s')",
      preamble: """
        on("go", { overlap = "allow", max_instances = 100000, timeout = "2s" }, function(e)
          wait("**.never" .. e.payload .. " | *.x")
        end)
        """),
    Flood(
      name: "many waits for one name, with a time-out",
      source:
        "for i = 1, 20000 do emit('go', i) if i % 500 == 0 then sleep('1ms') end end sleep('10s')",
      preamble: """
        on("go", { overlap = "allow", max_instances = 100000, timeout = "1s" }, function() wait("never", "500ms") end)
        """),
    Flood(
      name: "waits that wake each other",
      source: """
        while true do
          emit("ping")
          wait("pong", "1h")
        end
        """,
      preamble: """
        after("90ms", { timeout = "2s" }, function()
          while true do
            wait("ping", "1h")
            emit("pong")
          end
        end)
        """),
    Flood(
      name: "events to a queue without end",
      source: "while true do emit('flood.self', 1) end",
      preamble: "on('flood.self', { backlog = 1000000 }, function() end)"),
    Flood(
      name: "events to very many handlers",
      source: "while true do emit('many') end",
      preamble: "for i = 1, 5000 do on('many', function() end) end"),
    Flood(name: "progress", source: "while true do run:progress(0.5, ('x'):rep(10000)) end"),
    Flood(
      name: "log lines with large fields",
      source: "local t = { ('x'):rep(100000) } while true do log.info('x', t) end"),
  ]
}

extension SignalsTests {
  @Suite(.serialized) struct FloodSignalsTests {
    /// The most inputs of a script that can wait: those of its longest turn.
    private static let mostWaiting = Int(InputQuota.limit) + 4_096

    @Test(.timeLimit(.minutes(2)), arguments: Flood.tried)
    func `a flood of inputs does not delay other scripts`(_ flood: Flood) async throws {
      var configuration = Configuration()
      configuration.shutdownTimeout = .seconds(0.5)
      let arena = try Arena(
        [(name: "flood.lua", source: flood.script)], configuration: configuration)
      arena.state.withLock { $0.ticks = [] }  // forget ticks during the load
      var most = 0
      let end = Clocks.monotonic() + 1_400_000_000
      while Clocks.monotonic() < end {
        _ = arena.wait(0.01) { _ -> Bool? in nil }
        most = max(most, arena.scheduler.environment.inbox.count)
      }
      let told = arena.state.withLock { state in
        state.events.count { $0.name == "scheduler.paused" || $0.name == "scheduler.resumed" }
      }
      print("  \(flood.name): at most \(most) inputs waited, \(told) pauses and resumptions")
      let stopping = Clocks.monotonic()
      await arena.stop()
      let took = Double(Clocks.monotonic() - stopping) / 1e9
      arena.checkNeighbour()
      #expect(most < Self.mostWaiting)
      #expect(told <= 200, "they come as fast as the script asks")
      #expect(took < 8, "stopping took \(took) s")
    }
  }
}
