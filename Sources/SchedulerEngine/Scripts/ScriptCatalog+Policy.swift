import ScriptHost
import SystemCalls

/// What scripts may do changes while they run.
extension ScriptCatalog {
  /// The name under which the watcher keeps the files of the policy; no script has it.
  private static let watchName = ""

  private var policyWatch: PolicyWatch? { environment.configuration.permissions.watch }

  /// Watches the files of the policy, and reads them once more, so that no change is missed.
  func watchPolicy() {
    guard let policyWatch else { return }
    let watcher = state.withLock { $0.watcher }
    watcher?.setDependencies(policyWatch.files, of: Self.watchName, since: Clocks.fileTime())
    _ = readPolicy()
  }

  /// Whether a file that has changed is one of the policy.
  func isPolicy(_ path: String) -> Bool { policyWatch?.files.contains(path) == true }

  /// Reads the policy and logs what is wrong with it.
  private func readPolicy() -> PolicyChange? {
    let change = policyWatch?.read()
    for line in change?.news ?? [] {
      environment.log.logger.error("\(line)", metadata: ["event": "policy.failed"])
    }
    return change
  }

  /// Reads the policy again. Scripts that run may do more or less from their next call on; those that could not load for
  /// lack of a permission, and get something else now, are loaded.
  package func policyChanged() {
    guard let change = readPolicy() else { return }
    environment.decidePermissionsAgain()
    let waiting = state.withLock { state in
      state.scripts.filter { $0.value.failing?.error.code == .denied }
    }
    for (path, script) in waiting.sorted(by: { $0.key < $1.key }) where change.concerns(script.name)
    {
      reload(path, force: true)
    }
  }
}
