import Logging
import MoonwheelModel
import ScriptHost
import SystemCalls
import Triggers

/// The `test(...)` blocks of one Lua file. Each test runs in a simulation of its own.
///
///     for test in try ScriptTests(path: "scripts/report_test.lua", root: "scripts").all {
///       print(test.name, test.run() ?? "passed")
///     }
package struct ScriptTests: Sendable {
  /// One test.
  package struct Test: Sendable {
    package let file: String
    package let name: String
    /// Counted from 1; 0 is unknown.
    package let line: Int
    fileprivate let index: Int
    fileprivate let options: Value
    fileprivate let source: ScriptSource
    fileprivate let configuration: Configuration
  }

  package let file: String
  package let all: [Test]

  /// Loads a file on a thread of its own, and finds its tests without running them. `root` is the folder of scripts
  /// that the file belongs to. Throws `ScriptError` if the file cannot be read or does not load within the budget.
  package init(
    path: String, root: String, configuration: Configuration = Configuration(),
    budget: RealTimeBudget = .unlimited
  ) throws {
    let path = Paths.absolute(path)
    let root = Paths.absolute(root)
    let name = ScriptSource.name(of: path, in: root) ?? path
    let text: [UInt8]
    do { text = try readFile(path) } catch {
      throw ScriptError(.unreadable, script: name, "\(error)")
    }
    let source = ScriptSource(name: name, path: path, root: root, text: text)
    file = name
    let logger = Logger(label: "moonwheel.test") { _ in SwiftLogNoOpLogHandler() }
    let found = try TestRunner.load(source, configuration, TestOptions(), budget, logger: logger) {
      $0.requests.tests
    }
    all = found.enumerated().map { index, test in
      Test(
        file: name, name: test.name, line: Int(test.line), index: index, options: test.options,
        source: source, configuration: configuration)
    }
  }
}

extension ScriptTests.Test {
  /// Runs the test. Its output goes to the logger, and what happens in its simulation to `trace`. Returns why it failed, or nil if it passed. It fails if it has not
  /// ended when the budget ends.
  package func run(
    logger: Logger = Logger(label: "moonwheel.test"), budget: RealTimeBudget = .unlimited,
    trace: @escaping @Sendable (TraceEntry) -> Void = { _ in }
  ) -> RunFailure? {
    let place = "\(file):\(line)"
    do {
      let options = try TestOptions(options)
      try TestRunner.load(source, configuration, options, budget, logger: logger) { runner in
        guard index < runner.requests.tests.count else {
          throw RunFailure(
            message: "\(place): the file has different tests each time it is loaded")
        }
        try runner.run(runner.requests.tests[index], trace: trace)
      }
      return nil
    } catch let failure as RunFailure {
      return failure
    } catch let mistake as Mistake {
      return RunFailure(message: "\(place): test \"\(name)\": \(mistake.text)")
    } catch let error as ScriptError {
      return error.failure
    } catch {
      return RunFailure(message: "\(place): \(error)")
    }
  }
}
