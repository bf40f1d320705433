import BenchmarkSupport
import Moonwheel

/// 100,000 jobs of one script, each once a second.
enum EverySecond {
  static let jobs = isSmoke ? 10_000 : 100_000
  static let seconds = isSmoke ? 1 : 60

  /// Each fire of a job must be due whole seconds after its first, and after the one before. A fire whose job still waits
  /// for its run before is skipped, as `overlap` says, on a host that is more than a second late. Lateness is counted in
  /// steps of 0.1 ms.
  static let script = """
    local fires, wrong, twice, rounds, late = 0, 0, 0, {}, {}
    for _ = 1, \(jobs) do
      local first, last = nil, -1
      every("1s", function(run)
        local at = run.scheduled_at
        first = first or at
        local n = math.floor(at - first + 0.5)
        if math.abs(at - first - n) > 1e-6 then wrong = wrong + 1 end
        if n <= last then twice = twice + 1 end
        last = n
        rounds[n] = (rounds[n] or 0) + 1
        local step = run.late * 10000 // 1
        late[step] = (late[step] or 0) + 1
        fires = fires + 1
      end)
    end

    local function quantile(steps, part)
      local left = part * fires
      for _, step in ipairs(steps) do
        left = left - late[step]
        if left <= 0 then return step / 10 end
      end
      return steps[#steps] / 10
    end

    on("ask", function()
      scheduler.pause()
      local seen, steps = 0, {}
      for n = 0, \(seconds - 1) do seen = seen + (rounds[n] or 0) end
      for step in pairs(late) do steps[#steps + 1] = step end
      table.sort(steps)
      report("fires", fires, seen, wrong, twice, quantile(steps, 0.5), quantile(steps, 0.99), quantile(steps, 1))
    end)
    """

  static func measure() async throws {
    let resident = Process.residentBytes()
    let lua = LuaMemory.reserved
    let start = Process.monotonicTime()
    let idle = Process.processorTime()
    let host = try await Host(script)
    let before = Process.processorTime()
    let registering = Double(Process.monotonicTime() - start) / 1e6
    let registeringUsed = Double(before - idle) / 1e6
    let luaGrowth = LuaMemory.reserved - lua
    let growth = Process.residentBytes() - resident

    Process.sleep(seconds: Double(seconds) + 0.8)
    try host.scheduler.emit("ask")
    let told = await host.next("fires")
    let used = Double(Process.processorTime() - before)
    Process.sleep(seconds: 0.2)
    let end = Process.residentBytes() - resident - (LuaMemory.reserved - lua)
    await host.stop()

    print("\(jobs) jobs every second, for \(seconds) s")
    row(
      "  registered in, ms; processor time",
      "\(rounded(registering, 0)); \(rounded(registeringUsed, 0))")
    row("  bytes a job, beyond Lua's own", rounded(Double(growth - luaGrowth) / Double(jobs), 0))
    row("  the same at the end, paused", rounded(Double(end) / Double(jobs), 0))
    row("  bytes a job of Lua's own", rounded(Double(luaGrowth) / Double(jobs), 0))
    row("  fires seen of those expected", "\(Int(told[1])) of \(jobs * seconds)")
    row("  fires off their phase; twice", "\(Int(told[2])); \(Int(told[3]))")
    row(
      "  late by, ms: median, 99 %, most", told[4...].map { rounded($0, 1) }.joined(separator: "  ")
    )
    row("  processor time a fire, ns", rounded(used / told[0], 0))
  }
}
