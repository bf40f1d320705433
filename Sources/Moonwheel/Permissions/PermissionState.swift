import SchedulerEngine
import WorkerPool

/// What the scripts of a host may do now.
package struct PermissionState: Sendable {
  private let catalog: ScriptCatalog

  package init(of scheduler: Scheduler) { catalog = scheduler.catalog }

  /// Reads the policies again, and decides again what scripts may do.
  package func policyChanged() { PolicyReader(catalog).apply() }

  /// The names of scripts whose newest version does not load for lack of a permission.
  package var deniedScripts: [String] {
    catalog.failures.filter { $0.code == .denied }.map(\.script)
  }

  /// Blocks until no script loads. If the host stops meanwhile, it may never return.
  package func waitUntilNothingLoads() {
    let isDone = Condition(false)
    catalog.whenLoaded {
      isDone.withLock { $0 = true }
      isDone.signal()
    }
    isDone.wait(while: { !$0 })
  }
}
