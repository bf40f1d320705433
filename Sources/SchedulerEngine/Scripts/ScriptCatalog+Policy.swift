extension ScriptCatalog {
  /// Reads the policy again. Scripts that run may do more or less from their next call on; those that could not load for
  /// lack of a permission, and get something else now, are loaded.
  package func policyChanged() {
    guard let change = PolicyReader(environment).read() else { return }
    environment.decidePermissionsAgain()
    let waiting = state.withLock { $0.scripts.filter { $0.value.failing?.error.code == .denied } }
    for (path, script) in waiting.sorted(by: { $0.key < $1.key })
    where change.concerns(script.name) { reload(path, force: true) }
  }
}
