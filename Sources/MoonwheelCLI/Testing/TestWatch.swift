import FileWatching
import Moonwheel
import WorkerPool

/// `test --watch`: runs tests again whenever a file changes that they may depend on.
struct TestWatch {
  /// Whether a file has changed since the last run of the tests began.
  private let hasChanged = Condition(false)
  private let watcher: FileWatcher

  /// Watches the scripts, tests and modules of paths.
  init(_ paths: [String]) throws(WatchError) {
    let hasChanged = hasChanged
    watcher = try FileWatcher(
      roots: paths.map { ScriptRoot(path: $0) }, withTests: true,
      onChange: { _ in
        hasChanged.withLock { $0 = true }
        hasChanged.broadcast()
      }, onFailure: { printError("moonwheel: \($0)") })
  }

  /// Runs the tests again and again. Never returns: a signal ends the process.
  func run(_ tests: () throws -> Void) throws -> Never {
    while true {
      hasChanged.withLock { $0 = false }
      do {
        try tests()
      } catch let failure as Failure {
        printError(failure.message)
      } catch let error as ScriptError {
        printError("moonwheel: \(error)")
      }
      printError("waiting for a change; interrupt to end")
      hasChanged.wait(while: { !$0 })
    }
  }
}
