import Logging
import Moonwheel
import MoonwheelSimulation

/// Finds the tests of paths, runs them one after the other, and reports their results.
struct TestSession {
  var paths: [String]
  var filter: String?
  var format: TestFormat
  var log: LogFormat
  var allowsUnsafeLua = false

  /// Runs the tests. Returns whether all passed; throws if there are none.
  func run() throws -> Bool {
    let reporter: any TestReporter =
      switch format {
      case .pretty: PrettyTestReporter()
      case .tap: TAPReporter()
      case .junit: JUnitReporter()
      }
    let began = ContinuousClock.now
    let results = try ScriptTests.files(in: paths).flatMap { run($0, reporter) }
    reporter.end(results, seconds: began.secondsToNow)
    guard !results.isEmpty else {
      let which = filter.map { "no test's file or name contains \"\($0)\"" } ?? "there are no tests"
      throw Failure(
        "\(which): a test is test(\"name\", function(sim) ... end) in a script or in a file *_test.lua"
      )
    }
    return results.allSatisfy { $0.failure == nil }
  }

  private func run(_ file: ScriptTests.File, _ reporter: any TestReporter) -> [TestResult] {
    let tests: ScriptTests
    do {
      var configuration = Configuration()
      configuration.allowsUnsafeLua = allowsUnsafeLua
      tests = try ScriptTests(path: file.path, root: file.root, configuration: configuration)
    } catch {
      let failure = (error as? ScriptError)?.failure ?? RunFailure(message: "\(error)")
      let result = TestResult(file: file.name, name: "(loading)", seconds: 0, failure: failure)
      reporter.report(result)
      return [result]
    }
    return tests.all.filter { isWanted(file.name, $0.name) }.map { test in
      let began = ContinuousClock.now
      let failure = test.run(logger: log.logger)
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
