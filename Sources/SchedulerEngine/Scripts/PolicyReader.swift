import FileWatching
import ScriptHost
import SystemCalls

/// Reads the policy of a host again when its files change, and logs what is wrong with it.
package struct PolicyReader {
  /// The name under which the watcher keeps the files; no script has it.
  private static let watchName = ""

  private let catalog: ScriptCatalog
  private let watch: PolicyWatch?

  package init(_ catalog: ScriptCatalog) {
    self.catalog = catalog
    watch = catalog.environment.configuration.permissions.watch
  }

  /// Begins to watch the files, and reads them once more, so that no change is missed.
  func begin() {
    guard let watch else { return }
    let watcher = catalog.state.withLock { $0.watcher }
    watcher?.setDependencies(watch.files, of: Self.watchName, since: Clocks.fileTime())
    _ = read()
  }

  /// Takes a change of its files into account.
  func note(_ changes: [WatchedChange]) {
    guard let watch, changes.contains(where: { watch.files.contains($0.path) }) else { return }
    apply()
  }

  /// Reads the policy again. Scripts that run may do more or less from their next call on; those that could not load for
  /// lack of a permission, and get something else now, are loaded.
  package func apply() {
    guard let change = read() else { return }
    PermissionChange(in: catalog).apply(concerning: change.concerns)
  }

  /// Nil if no file decides.
  private func read() -> PolicyChange? {
    let change = watch?.read()
    for line in change?.news ?? [] {
      catalog.environment.log.logger.error("\(line)", metadata: ["event": "policy.failed"])
    }
    return change
  }
}
