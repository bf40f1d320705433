import BenchmarkSupport
import Moonwheel

/// 100 jobs that are not due for an hour.
enum Idle {
  static let seconds = isSmoke ? 0.5 : 10.0

  static func measure() async throws {
    let host = try await Host("for _ = 1, 100 do every('1h', function() end) end")
    Process.sleep(seconds: 0.2)
    let before = Process.contextSwitches()
    let used = Process.processorTime()
    Process.sleep(seconds: seconds)
    let time = Process.processorTime() - used
    // One is this thread's own.
    let switches = Process.contextSwitches() - before - 1
    await host.stop()
    print("100 hourly jobs, idle")
    row("  context switches a second", rounded(Double(switches) / seconds))
    row("  processor time a second, us", rounded(Double(time) / 1e3 / seconds, 1))
  }
}
