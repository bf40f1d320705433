import FileWatching
import ScriptHost
import SystemCalls

/// Reads the policy of a host again when its files change, and logs what is wrong with it.
struct PolicyReader {
  /// The name under which the watcher keeps the files; no script has it.
  private static let watchName = ""

  private let environment: ScriptEnvironment
  private let watch: PolicyWatch?

  init(_ environment: ScriptEnvironment) {
    self.environment = environment
    watch = environment.configuration.permissions.watch
  }

  /// Begins to watch the files, and reads them once more, so that no change is missed.
  func begin(_ watcher: FileWatcher?) {
    guard let watch else { return }
    watcher?.setDependencies(watch.files, of: Self.watchName, since: Clocks.fileTime())
    _ = read()
  }

  func isChanged(by changes: [WatchedChange]) -> Bool {
    watch.map { watch in changes.contains { watch.files.contains($0.path) } } ?? false
  }

  /// Nil if no file decides.
  func read() -> PolicyChange? {
    let change = watch?.read()
    for line in change?.news ?? [] {
      environment.log.logger.error("\(line)", metadata: ["event": "policy.failed"])
    }
    return change
  }
}
