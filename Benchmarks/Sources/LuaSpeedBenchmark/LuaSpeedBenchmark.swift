import BenchmarkSupport
import Glibc
import Moonwheel
import StockLua

/// Programs that only compute: in a script's callback (with its limits, preempted each 5 ms) and in stock Lua.
///
/// Both use the same liblua5.4.a. Rounds are short and alternate, so that other load on the machine affects both
/// equally. Times are milliseconds of the whole process's processor time.
///
///     LuaSpeedBenchmark [--smoke]
@main
struct LuaSpeedBenchmark {
  static let rounds = isSmoke ? 1 : 25

  static func main() async throws {
    print(
      pad("program", 12), pad("script ms", 10), pad("stock ms", 10),
      "speed of stock's (quartiles)")
    var speeds: [Double] = []
    for program in Program.all { speeds.append(try await measure(program)) }
    let mean = pow(speeds.reduce(1, *), 1 / Double(speeds.count))
    print("geometric mean", rounded(mean, 3))
  }

  /// Prints a line; returns the median ratio of stock's time to ours.
  static func measure(_ program: Program) async throws -> Double {
    let size = isSmoke ? max(1, program.size / 50) : max(1, program.size / 5)
    let host = try await Host(
      """
      \(program.text)
      on("go", function()
        collectgarbage()
        local start = processor_time()
        program(\(size))
        report("time", processor_time() - start)
      end)
      """)
    guard let stock = unsafe stock_lua_create(program.text) else {
      preconditionFailure("\(program.name) does not load")
    }
    var script: [Double] = []
    var bare: [Double] = []
    for _ in 0..<rounds {
      try host.scheduler.emit("go")
      script.append(await host.next("time")[0])
      bare.append(Double(unsafe stock_lua_time(stock, Int64(size))))
    }
    unsafe stock_lua_destroy(stock)
    await host.stop()
    precondition(bare.allSatisfy { $0 > 0 }, "\(program.name) failed")
    let ratios = zip(bare, script).map { $0 / $1 }
    let speed = median(ratios)
    print(
      pad(program.name, 12), pad(rounded(median(script) / 1e6, 1), 10),
      pad(rounded(median(bare) / 1e6, 1), 10), rounded(speed, 3),
      "(\(rounded(quantile(ratios, 0.25)))...\(rounded(quantile(ratios, 0.75))))")
    return speed
  }
}
