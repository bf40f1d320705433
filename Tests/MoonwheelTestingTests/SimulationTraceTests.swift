import Layers
import Moonwheel
import MoonwheelSimulation
import MoonwheelTesting
import Testing

@Suite struct SimulationTraceTests {
  @Test func `each attempt is an entry of runs, with its end`() throws {
    let (simulation, trace) = try Simulation.load([
      "a.lua": """
      every("1m", { name = "flaky", times = 1, retry = { max = 1, from = "5s", jitter = 0 } }, function(run)
        if run.attempt == 1 then error("busy", 0) end
        sleep("2s")
        return run.attempt
      end)
      every("1m", { name = "long" }, function() sleep("10m") end)
      """,
      "b.lua": "every('1m', { name = 'long', timeout = '1s' }, function() sleep('10m') end)",
    ])
    try simulation.run(for: 70)
    let flaky = trace.runs(of: "flaky")
    #expect(flaky.map(\.status) == ["failed", "succeeded"])
    #expect(flaky.map(\.error) == ["busy", nil])
    #expect(flaky.map(\.result) == [nil, 2])
    #expect(flaky.map(\.late) == [0, 5])
    #expect(
      flaky.map { $0.endedAt.map { $0.nanoseconds - flaky[0].startedAt.nanoseconds } } == [
        0, 7_000_000_000,
      ])
    #expect(flaky[0].id == flaky[1].id)
    #expect(trace.runs(of: "long").count == 2)
    #expect(trace.runs(of: "long", in: "a.lua").map(\.status) == ["running"])
    #expect(trace.runs(of: "long", in: "b.lua").map(\.status) == ["timed_out"])
    #expect(trace.runs.count == 4)
  }

  @Test func `events are found by pattern, and lines in order`() throws {
    let (simulation, trace) = try Simulation.load([
      "a.lua":
        "every('1s', function(run) print(run.n) emit('order.new', run.n) emit('stock.low') end)"
    ])
    try simulation.run(for: 2)
    #expect(trace.lines == ["1", "2"])
    #expect(try trace.events("order.*").map(\.payload) == [1, 2])
    #expect(
      try trace.events("order.*").allSatisfy { $0.name == "order.new" && $0.source == "a.lua" })
    #expect(try trace.events().count == 4)
    #expect(throws: PatternError.self) { try trace.events("a..b") }
    #expect(trace.text.split(separator: "\n").count == trace.entries.count)
  }
}
