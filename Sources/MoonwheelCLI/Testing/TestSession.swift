import Logging
import Moonwheel
import MoonwheelReports
import MoonwheelSimulation
import Synchronization
import Triggers

/// Finds the tests of paths, runs them one after the other, and reports their results.
struct TestSession {
  var paths: [String]
  var filter: String?
  var format: TestFormat
  var log: LogFormat
  /// Of real time, for all tests together, in nanoseconds.
  var budget: Int64
  var allowsUnsafeLua = false

  /// Runs the tests. Returns whether all passed; throws if there are none, or if the budget is spent.
  func run() throws -> Bool { try BudgetOption.spend(budget, run) }

  private func run(within budget: RealTimeBudget) throws -> Bool {
    let reporter: any TestReporter =
      switch format {
      case .pretty: PrettyTestReporter()
      case .tap: TAPReporter()
      case .junit: JUnitReporter()
      }
    let began = ContinuousClock.now
    let needed = Mutex(NeededPermissions())
    let results = try ScriptTests.files(in: paths).flatMap {
      run($0, budget, reporter) { entry in needed.withLock { $0.take(entry) } }
    }
    reporter.end(results, seconds: began.secondsToNow)
    reporter.show(needed: needed.withLock { $0.lines })
    guard !results.isEmpty else {
      let which = filter.map { "no test's file or name contains \"\($0)\"" } ?? "there are no tests"
      throw Failure(
        "\(which): a test is test(\"name\", function(sim) ... end) in a script or in a file *_test.lua"
      )
    }
    let failed = results.count { $0.failure != nil }
    guard failed == 0 || !budget.isSpent else {
      throw Failure(
        "out of time: \(ShortText.counted(failed, "test")) failed or had no time before the budget of \(DurationText.format(self.budget)) of real time was spent; \(BudgetOption.remedy)",
        code: BudgetOption.outOfTime)
    }
    return failed == 0
  }

  private func run(
    _ file: ScriptTests.File, _ budget: RealTimeBudget, _ reporter: any TestReporter,
    trace: @escaping @Sendable (TraceEntry) -> Void
  ) -> [TestResult] {
    let tests: ScriptTests
    do {
      var configuration = Configuration()
      configuration.allowsUnsafeLua = allowsUnsafeLua
      tests = try ScriptTests(
        path: file.path, root: file.root, configuration: configuration, budget: budget)
    } catch {
      let failure = (error as? ScriptError)?.failure ?? RunFailure(message: "\(error)")
      let result = TestResult(file: file.name, name: "(loading)", seconds: 0, failure: failure)
      reporter.report(result)
      return [result]
    }
    return tests.all.filter { isWanted(file.name, $0.name) }.map { test in
      let began = ContinuousClock.now
      let failure = test.run(logger: log.logger, budget: budget, trace: trace)
      let result = TestResult(
        file: file.name, name: test.name, seconds: began.secondsToNow, failure: failure)
      reporter.report(result)
      return result
    }
  }

  private func isWanted(_ file: String, _ name: String) -> Bool {
    filter.map { file.contains($0) || name.contains($0) } ?? true
  }
}
