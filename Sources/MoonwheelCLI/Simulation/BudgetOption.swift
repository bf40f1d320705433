import ArgumentParser
import Glibc
import Moonwheel
import MoonwheelSimulation
import SystemCalls
import Triggers
import WorkerPool

/// The flag that bounds the real time of a command that runs scripts in virtual time.
struct BudgetOption: ParsableArguments {
  @Option(
    help:
      "The real time after which the command gives up with exit code 124, as in 1h; 10m if not given (MOONWHEEL_BUDGET)."
  )
  var budget: String?

  private static let standard: Int64 = 600_000_000_000
  private static let range: ClosedRange<Int64> = 10_000_000...31_536_000_000_000_000
  /// How much longer the process may live, in nanoseconds: for what ends no earlier than a long step of the host.
  private static let grace: Int64 = 10_000_000_000

  /// In nanoseconds.
  func length() throws(Failure) -> Int64 {
    try Setting("budget", budget)?.length(in: Self.range) ?? Self.standard
  }

  /// Calls the body with a budget that begins now. If the body has not returned some seconds after its end, ends the
  /// process.
  static func spend<T>(_ length: Int64, _ body: (RealTimeBudget) throws -> T) throws -> T {
    let budget = RealTimeBudget(.nanoseconds(length))
    let isDone = Condition(false)
    let deadline = Clocks.monotonic() + length + grace
    _ = try OSThread(name: "mw-budget") {
      guard isDone.wait(until: deadline, for: { $0 ? true : nil }) == nil else { return }
      printError(
        "moonwheel: out of time: the host itself was busy longer than the budget of \(DurationText.format(length)) and \(DurationText.format(grace)) more"
      )
      LogSink.standardError.drain()
      _exit(outOfTime)
    }
    defer {
      isDone.withLock { $0 = true }
      isDone.signal()
    }
    return try body(budget)
  }

  /// The exit code, as that of timeout(1).
  static let outOfTime: Int32 = 124
  static let remedy = "--budget gives more"
}
