import Layers
import Moonwheel
import MoonwheelSimulation
import MoonwheelTesting
import Testing

@Suite struct SimulationTests {
  @Test func `in a simulated year each fire is at its instant`() throws {
    let (simulation, trace) = try Simulation.load([
      "a.lua": "cron('0 12 * * *', { name = 'noon' }, function(run) return run.late end)"
    ])
    try simulation.run(for: 365 * 86_400)
    let runs = trace.entries("run.succeeded", of: "noon")
    #expect(runs.count == 365)
    #expect(runs.allSatisfy { $0["result"] == 0.0 && $0.scheduledAt == $0.time })
  }

  @Test func `waits, times and random numbers are virtual`() throws {
    let (simulation, trace) = try Simulation.load(
      [
        "a.lua": """
        every("1m", { name = "j" }, function()
          local before, clock = now(), os.clock()
          sleep("20s")
          local e, why = wait("never", "10s")
          print(now() - before, os.time(), os.date("%Y-%m-%d %H:%M:%S"), e, why, os.clock() - clock < 0.001)
          local t = os.date("*t")
          print(t.hour, t.min, t.wday, t.yday, t.isdst, os.date("!%H"), math.random(1000000))
          print(os.time { year = 2026, month = 14, day = 0, hour = 1 } == os.time { year = 2027, month = 1, day = 31, hour = 1 })
        end)
        """
      ], timeZone: "Europe/Berlin")
    try simulation.run(for: 95)
    #expect(
      trace.lines == [
        "30.0\t1767225690\t2026-01-01 01:01:30\tnil\ttimeout\ttrue",
        "1\t1\t5\t1\tfalse\t00\t"
          + (trace.lines.dropFirst().first?.split(separator: "\t").last ?? ""),
        "true",
      ])
    let random =
      "every('1m', { name = 'j' }, function() print(math.random(1000000)) print(hash.uuid(), hash.uuid(7), hash.hex(hash.random(9))) end)"
    let lines = try [UInt64(1), 1, 2].map { seed in
      let (again, trace) = try Simulation.load(
        ["a.lua": random], configure: { $0.seed = seed })
      try again.run(for: 61)
      return trace.lines
    }
    #expect(lines[0] == lines[1] && lines[0].count == 2)
    #expect(lines[0][0] != lines[2][0] && lines[0][1] != lines[2][1])
  }

  @Test func `the order and text of tables do not depend on addresses or hashes`() throws {
    let script = """
      every("1s", { name = "j" }, function()
        local t = { z = 1, a = 2, [3] = 1, [1] = 1, [2.5] = 1, [-1] = 0, [true] = 1, [false] = 2, [print] = 1, [{}] = 1,
          [coroutine.create(print)] = 5, [string.rep("k", 50)] = 3 }
        for i = 1, 200 do t["key" .. i] = i end
        local keys, k = {}, nil
        for key in pairs(t) do keys[#keys + 1] = tostring(key) end
        repeat
          k = next(t, k)
          keys[#keys + 1] = tostring(k)
        until k == nil
        print(table.concat(keys, "|"))
        local seen = 0
        for key in pairs(t) do t[key] = nil seen = seen + 1 end
        print(seen, next(t), next({}), string.format("%s %p %q %5.1f%%", {}, {}, "x", 1), #tostring(function() end))
      end)
      """
    let runs = try (0..<3).map { _ in
      let (simulation, trace) = try Simulation.load(["a.lua": script])
      try simulation.run(for: 5)
      return trace.lines
    }
    #expect(runs[0].count == 10)
    #expect(runs[0] == runs[1] && runs[1] == runs[2])
    #expect(runs[0][0].hasPrefix("-1|1|2.5|3|a|key1|key10|key100|"))
    let half = runs[0][0].split(separator: "|").dropLast()
    #expect(half.count == 2 * 212)
    #expect(Array(half.prefix(212)) == Array(half.suffix(212)))
    #expect(runs[0][1].hasPrefix("212\tnil\tnil\ttable: 0x0000"))
  }

  @Test func `an endless callback ends at its limit, and delays only its own script`() throws {
    let (simulation, trace) = try Simulation.load([
      "bad.lua": """
      every("1m", { name = "endless", timeout = "10s" }, function() while true do end end)
      every("1m", { name = "cpu", cpu = "300ms" }, function() while true do end end)
      every("1m", { name = "stubborn", timeout = "5s" }, function()
        local x <close> = setmetatable({}, { __close = function() while true do end end })
        while true do end
      end)
      every("1m", { name = "comparator", timeout = "5s" }, function()
        table.sort({ 3, 2, 1 }, function() while true do end end)
      end)
      every("1m", { name = "sibling" }, function(run) return run.late end)
      """,
      "good.lua": "every('1s', { name = 'neighbour' }, function() end)",
    ])
    try simulation.run(for: 90)
    let ends = trace.entries.filter {
      $0.script == "bad.lua" && $0.event.hasPrefix("run.")
        && !["run.started", "run.given_up"].contains($0.event)
    }
    let minute = Timestamp(seconds: 1_767_225_660)
    let endings = ends.map {
      "\($0.event) \($0.job ?? "") \(Double(minute.distance(to: $0.time)) / 1e9)"
    }
    #expect(
      Set(endings) == [
        "run.timed_out endless 10.0", "run.timed_out cpu 10.2", "run.dropped stubborn 15.3",
        "run.timed_out comparator 15.3", "run.succeeded sibling 15.3",
      ])
    let neighbour = trace.entries("run.succeeded", of: "neighbour")
    #expect(neighbour.count == 90)
    #expect(neighbour.allSatisfy { $0.time == $0.scheduledAt })
  }

  @Test func `jobs that start each other do not stop time`() throws {
    let (simulation, trace) = try Simulation.load([
      "a.lua": """
      job("again", { run = function(run) jobs["again"]:trigger() end })
      after("1s", { name = "first" }, function() jobs["again"]:trigger() end)
      every("2s", { name = "other" }, function() end)
      """
    ])
    try simulation.run(for: 3)
    #expect(trace.entries("run.succeeded", of: "other").count == 1)
    #expect(trace.entries("run.succeeded", of: "again").count > 1_000)
  }

  @Test func `jobs catch up after an outage, and a clock step is in the trace`() throws {
    let (simulation, trace) = try Simulation.load([
      "a.lua": """
      cron("*/10 * * * *", { name = "all", catchup = "all" }, function() end)
      cron("*/10 * * * *", { name = "latest" }, function() end)
      cron("*/10 * * * *", { name = "none", catchup = "none" }, function() end)
      local remind = job("remind", { run = function(run) return run.args end })
      at("2026-01-01 00:01", { name = "promise" }, function() remind:after("40m", 42) end)
      """
    ])
    let start = Timestamp(seconds: 1_767_225_600)
    try simulation.plan(outageAt: start.advanced(by: 1_500_000_000_000), for: 3_600)
    try simulation.plan(clockStepAt: start.advanced(by: 6_030_000_000_000), by: 1_800)
    try simulation.run(for: 3 * 3_600)
    func count(_ job: String, _ event: String = "run.succeeded") -> Int64 {
      trace.entries(event, of: job).reduce(0) { $0 + ($1["count"]?.int ?? 1) }
    }
    let times = trace.entries("outage.began").map { start.distance(to: $0.time) / 1_000_000_000 }
    #expect(times == [1_500])
    // The clock step skips 3 of 21 fires of a wildcard.
    #expect(count("all") == 18)
    for job in ["all", "latest", "none"] {
      #expect(count(job) + count(job, "run.missed") == 21, "\(job)")
    }
    #expect(count("none", "run.missed") > 5)
    let promised = trace.entries("run.succeeded", of: "remind")
    #expect(promised.map { $0["result"] } == [42])
    #expect(promised.first.map { start.distance(to: $0.time) / 1_000_000_000 } == 5_100)
    #expect(trace.entries("scheduler.clock_stepped").map { $0["by"] } == [1_800.0])
  }

  @Test func `scripts can call only the functions that the simulation gets`() throws {
    let (simulation, trace) = try Simulation.load(
      [
        "a.lua": """
        every("1s", { name = "j" }, function() print(shop.price("tea"), shop.price("gold")) end)
        every("1s", { name = "k" }, function() bank.rob() end)
        """
      ],
      functions: [
        Simulation.Function("shop.price") { arguments in
          guard arguments.first == "tea" else { throw Refusal("too dear") }
          return 3
        }
      ])
    try simulation.run(for: 1)
    #expect(trace.lines == ["3\tnil\ttoo dear\trefused"])
    #expect(trace.entries("run.failed", of: "k").first?["error"]?.text?.contains("bank") == true)
  }

  @Test func `the worlds of a simulation are released with it`() throws {
    final class Token: Sendable {}
    weak var token: Token?
    do {
      let held = Token()
      token = held
      let (simulation, _) = try Simulation.load(
        ["a.lua": "every('1s', { name = 'j' }, function() sleep('10s') end)"],
        functions: [Simulation.Function("f") { _ in withExtendedLifetime(held) { .nil } }])
      try simulation.plan(outageAt: Timestamp(seconds: 1_767_225_605), for: 60)
      try simulation.run(for: 120)
    }
    #expect(token == nil, "something keeps a world")
  }

  @Test(arguments: ["every", "a.b.c", "no name", ""])
  func `a function needs a valid name that is not taken`(name: String) {
    #expect(throws: RegistrationError.self) {
      _ = try Simulation(
        Configuration(), from: Timestamp(seconds: 0),
        functions: [Simulation.Function(name) { _ in .nil }])
    }
  }

  @Test func `a script that does not load is in the trace, and the others go on`() throws {
    let (simulation, trace) = try Simulation.load([
      "bad.lua": "every(", "loop.lua": "while true do end",
      "good.lua": "every('1s', { name = 'j' }, function() end)",
    ])
    try simulation.run(for: 3)
    let errors = trace.entries("script.failed").compactMap { $0["error"]?.text }
    #expect(errors.count == 2)
    #expect(errors.contains { $0.hasPrefix("bad.lua:1:") })
    #expect(errors.contains { $0.contains("longer than 2s of processor time") })
    #expect(trace.entries("run.succeeded").count == 3)
  }

  @Test func `the caller can emit events and trigger jobs`() throws {
    let (simulation, trace) = try Simulation.load([
      "a.lua": """
      on("order.*", { name = "orders" }, function(e) return e.payload.id end)
      job("ask", { run = function(run) sleep("5s") return run.args end })
      """
    ])
    try simulation.emit("order.new", ["id": 7])
    let run = try simulation.trigger("ask", of: "a.lua", arguments: "x")
    try simulation.run(for: 10)
    #expect(trace.entries("run.succeeded", of: "orders").map { $0["result"] } == [7])
    let ends = trace.entries("run.succeeded", of: "ask")
    #expect(ends.map(\.run) == [run])
    #expect(ends.map { $0["result"] } == ["x"])
    #expect(throws: ScriptError.self) { try simulation.trigger("nobody", of: "a.lua") }
    #expect(throws: EmitError.self) { try simulation.emit("bad name") }
  }
}
