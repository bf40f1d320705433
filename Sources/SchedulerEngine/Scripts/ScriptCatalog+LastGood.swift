import MoonwheelModel
import SchedulerCore
import ScriptHost
import Triggers

/// Keeps the last good version of each script in a durable store. If a file does not load when the host starts, the
/// host serves that version.
extension ScriptCatalog {
  /// A larger version is not kept.
  private static let maxBytes = 16 << 20

  // MARK: Keeping

  /// The most jobs of a script that are described.
  private static let describedJobs = 10_000

  /// Stores the texts that the script at a path was loaded from, and what it registered; without that, what was stored
  /// with these texts stays.
  func keep(_ path: String, _ registrations: [Registration] = []) {
    guard let writer = environment.writer else { return }
    let now = environment.clock.read().wall
    let version = state.withLock { state -> StoredSources? in
      guard let script = state.scripts[path], !script.isText, let text = script.text else {
        return nil
      }
      return StoredSources(
        script: script.name, loadedAt: now, text: text, modules: Array(script.modules.values),
        version: script.version)
    }
    guard var version else { return }
    if !registrations.isEmpty {
      version.jobs = .list(registrations.prefix(Self.describedJobs).map(\.described))
    }
    guard version.size <= Self.maxBytes else {
      environment.log.logger.warning(
        "the store does not keep this version, since it has more than 16 MiB with its modules: if the file does not load at the next start, none of its jobs run",
        metadata: ["script": .string(version.script)])
      writer.append([StoreWrite(.forgetSourcesOf(version.script))])
      return
    }
    writer.append([StoreWrite(.sources(version))])
  }

  /// Forgets the last good version of a script that was removed.
  func forgetRemoved(_ script: String) {
    environment.writer?.append([StoreWrite(.forgetSourcesOf(script))])
  }

  /// Forgets the last good versions of scripts that were removed while no host was running.
  func forgetMissing(_ finding: ScriptSearch.Finding) {
    guard finding.isComplete, !finding.scripts.isEmpty else { return }
    let names = Set(finding.scripts.map(\.source.name))
    environment.writer?.append([StoreWrite(.forgetSources(except: names))])
  }

  // MARK: Restoring

  /// Serves the last good version of a script whose file does not load, if the store has one.
  func restore(
    _ source: ScriptSource, _ id: ScriptID, _ error: ScriptError, _ attempt: Attempt
  ) {
    guard let writer = environment.writer else { return endFailedLoad(error, .none, attempt) }
    writer.query { [self] store in
      let version: StoredSources?
      do throws(StoreError) {
        version = try store.sources(of: source.name)
      } catch {
        environment.log.logger.error(
          "the last good version of this script cannot be read from the store: \(error)",
          metadata: ["script": .string(source.name)])
        version = nil
      }
      guard let version else { return endFailedLoad(error, .none, attempt) }
      serve(version, of: source, id, error, attempt)
    }
  }

  /// Loads a stored version of a script. `error` says why its file does not load.
  private func serve(
    _ version: StoredSources, of source: ScriptSource, _ id: ScriptID, _ error: ScriptError,
    _ attempt: Attempt
  ) {
    let good = ScriptSource(
      name: source.name, path: source.path, root: source.root, text: version.text, stored: version)
    load(good, id) { [self] result, isolate in
      switch result {
      case .success(let loaded):
        environment.report(error, .restored(loadedAt: version.loadedAt.iso(in: environment.zone)))
        succeed(loaded, isolate, attempt, restored: true)
      case .failure(let other):
        endFailedLoad(error, .failed(other), attempt)
      }
    }
  }
}
