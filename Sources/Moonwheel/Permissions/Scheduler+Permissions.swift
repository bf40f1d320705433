import SchedulerEngine
import WorkerPool

/// What scripts may do, while a host runs.
extension Scheduler {
  /// Reads the policies again, and decides again what scripts may do.
  package func policyChanged() { PolicyReader(catalog).apply() }

  /// The names of scripts whose newest version does not load for lack of a permission.
  package var deniedScripts: [String] {
    catalog.failures.filter { $0.code == .denied }.map(\.script)
  }

  /// Blocks until no script loads. A scheduler that stops meanwhile may never return.
  package func waitUntilNothingLoads() {
    let isDone = Condition(false)
    catalog.whenLoaded {
      isDone.withLock { $0 = true }
      isDone.signal()
    }
    isDone.wait(while: { !$0 })
  }
}
