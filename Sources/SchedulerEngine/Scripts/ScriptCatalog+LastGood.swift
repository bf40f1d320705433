import MoonwheelModel
import SchedulerCore
import ScriptHost
import Triggers

/// The last good version of each script outlives the process, in a durable store: a file that fails when the host starts
/// does not take its jobs with it.
extension ScriptCatalog {
  /// A version of more bytes is not kept.
  private static let mostBytes = 16 << 20

  /// How long a text may fail until that is said again, in nanoseconds.
  private static let reminderPause: Int64 = 3_600_000_000_000

  // MARK: Keeping

  /// Stores what the script at a path was loaded from.
  func keep(_ path: String) {
    guard let writer = environment.writer else { return }
    let now = environment.clock.read().wall
    let version = state.withLock { state -> StoredSources? in
      guard let script = state.scripts[path], !script.isText, let text = script.text else {
        return nil
      }
      return StoredSources(
        script: script.name, loadedAt: now, text: text, modules: Array(script.modules.values))
    }
    guard let version else { return }
    guard version.size <= Self.mostBytes else {
      environment.log.logger.warning(
        "this version is not kept for a start at which the file fails: with its modules, it has more than 16 MiB",
        metadata: ["script": .string(version.script)])
      writer.append([StoreWrite(.forgetSourcesOf(version.script))])
      return
    }
    writer.append([StoreWrite(.sources(version))])
  }

  /// A script is gone: so is its last good version.
  func forgetRemoved(_ script: String) {
    environment.writer?.append([StoreWrite(.forgetSourcesOf(script))])
  }

  /// The same for those that went while no host was running.
  func forgetGone(_ finding: Finding) {
    guard finding.isComplete, !finding.scripts.isEmpty else { return }
    let names = Set(finding.scripts.map(\.source.name))
    environment.writer?.append([StoreWrite(.forgetSources(except: names))])
  }

  // MARK: Restoring

  /// Serves the last good version of a script whose file does not load, if the store has one.
  func restore(
    _ source: ScriptSource, _ id: ScriptID, _ error: ScriptError, _ attempt: Attempt
  ) {
    guard let writer = environment.writer else { return settle(error, .none, attempt) }
    writer.query { [self] store in
      let version: StoredSources?
      do throws(StoreError) {
        version = try store.sources(of: source.name)
      } catch {
        environment.log.logger.error(
          "its last good version cannot be read: \(error)",
          metadata: ["script": .string(source.name)])
        version = nil
      }
      guard let version else { return settle(error, .none, attempt) }
      serve(version, instead: source, id, error, attempt)
    }
  }

  private func serve(
    _ version: StoredSources, instead source: ScriptSource, _ id: ScriptID, _ error: ScriptError,
    _ attempt: Attempt
  ) {
    let good = ScriptSource(
      name: source.name, path: source.path, root: source.root, text: version.text, stored: version)
    load(good, id) { [self] result, isolate in
      switch result {
      case .success(let loaded):
        tell(error, .restored(loadedAt: version.loadedAt.iso(in: environment.zone)))
        succeed(loaded, isolate, attempt, restored: true)
      case .failure(let other):
        settle(error, .failed(other), attempt)
      }
    }
  }

  // MARK: Telling

  /// Says it again after a while, as long as it lasts.
  func remind(of path: String) {
    guard !environment.isSimulated else { return }
    let id = state.withLock { $0.scripts[path]?.failing?.id }
    guard let id else { return }
    let at = environment.deadline(in: Self.reminderPause)
    environment.inbox.post(.callAt(at) { [self] in remindAgain(of: path, id) })
  }

  private func remindAgain(of path: String, _ id: UInt64) {
    let (failing, isServed) = state.withLock { state in
      let script = state.scripts[path]
      return (state.isStopped ? nil : script?.failing, script?.text != nil)
    }
    guard let failing, failing.id == id else { return }
    environment.log.stillFails(
      failing.error, since: failing.since.iso(in: environment.zone), isServed: isServed)
    remind(of: path)
  }
}
