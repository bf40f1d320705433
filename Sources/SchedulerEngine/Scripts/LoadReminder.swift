import ScriptHost

/// Logs once an hour that a script does not load, for as long as that lasts.
struct LoadReminder {
  /// Nanoseconds between two lines.
  private static let interval: Int64 = 3_600_000_000_000

  let catalog: ScriptCatalog
  /// The path of the script.
  let path: String

  func schedule() {
    guard !catalog.environment.isSimulated else { return }
    let id = catalog.state.withLock { [path] state in state.scripts[path]?.failing?.id }
    guard let id else { return }
    let at = catalog.environment.deadline(in: Self.interval)
    catalog.environment.inbox.post(.callAt(at) { remind(id) })
  }

  private func remind(_ id: UInt64) {
    let (failing, isServed) = catalog.state.withLock { [path] state in
      let script = state.scripts[path]
      return (state.isStopped ? nil : script?.failing, script?.text != nil)
    }
    guard let failing, failing.id == id else { return }
    catalog.environment.log.stillFails(
      failing.error, since: failing.since.iso(in: catalog.environment.zone), isServed: isServed)
    schedule()
  }
}
