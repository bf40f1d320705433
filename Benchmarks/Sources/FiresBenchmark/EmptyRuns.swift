import BenchmarkSupport
import Moonwheel
import StockLua

/// Runs of a callback that only counts itself, as fast as they come: 1,000 jobs, each due every millisecond.
enum EmptyRuns {
  static let runs = isSmoke ? 200_000 : 10_000_000

  static let script = """
    local runs = 0
    for _ = 1, 1000 do every("1ms", function() runs = runs + 1 end) end
    on("ask", function() report("runs", runs) end)
    """

  static func measure() async throws {
    let host = try await Host(script)
    _ = try await wait(for: Double(runs) / 10, host)
    let before = Process.residentBytes()
    let used = Process.processorTime()
    let start = Process.monotonicTime()
    let first = try await wait(for: 0, host)
    let last = try await wait(for: first + Double(runs), host)
    let time = Double(Process.processorTime() - used) / (last - first)
    let rate = (last - first) / Double(Process.monotonicTime() - start) * 1e9
    let after = Process.residentBytes()
    await host.stop()
    let bare = Double(stock_lua_resumes(Int64(runs))) / Double(runs)

    print("\(Int(last - first)) runs of an empty callback")
    row("  resident before and after, KiB", "\(before / 1024)  \(after / 1024)")
    row("  runs a second", rounded(rate, 0))
    row("  processor time a run, ns", rounded(time, 0))
    row("  bare lua_resume of an empty function, ns", rounded(bare, 0))
    row("  ratio", rounded(time / bare, 1))
  }

  private static func wait(for runs: Double, _ host: Host) async throws -> Double {
    while true {
      try host.scheduler.emit("ask")
      let seen = await host.next("runs")[0]
      if seen >= runs { return seen }
      Process.sleep(seconds: isSmoke ? 0.01 : 0.1)
    }
  }
}
