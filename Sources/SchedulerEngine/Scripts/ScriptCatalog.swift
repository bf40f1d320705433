import FileWatching
import MoonwheelModel
import ScriptHost
import Synchronization
import SystemCalls
import Triggers
import WorkerPool

/// The scripts that are served: found, loaded, loaded anew when they change, let go when they are gone.
///
/// A load is a transaction: the text runs in a fresh isolate, and only a success replaces the generation before. Loads of
/// one script never overlap; a change during a load leads to one more.
package final class ScriptCatalog: Sendable {
  struct Script {
    var id: ScriptID
    var name: String
    var root: String?
    /// Given as text: never loaded anew.
    var isText: Bool
    /// Of the generation that serves, to tell a change from a touch.
    var text: [UInt8]?
    /// Of the newest load: an older one that ends late, after the script was gone and came back, does not count.
    var load: UInt64 = 0
    var isLoading = false
    var isStale = false
    var dependencies: Set<String> = []
    /// What the generation that serves has required.
    var modules: [String: StoredSources.Module] = [:]
    /// That the newest text does not load.
    var failing: Failing?
  }

  struct Failing {
    var error: ScriptError
    /// Of the first failure in a row.
    var since: Timestamp
    /// Tells a row from a later one.
    var id: UInt64
  }

  struct State {
    var scripts: [String: Script] = [:]
    /// By path, for a script that comes back: what was promised to its jobs is kept under its number.
    var ids: [String: ScriptID] = [:]
    /// Files that have the name of another script, each told once.
    var clashes: Set<String> = []
    var loads: UInt64 = 0
    var roots: [ScriptRoot] = []
    var watcher: FileWatcher?
    var loading = 0
    var isStopped = false
  }

  let state = Mutex(State())
  let environment: ScriptEnvironment
  let onFirstLoads: @Sendable () -> Void

  /// `onFirstLoads` is called once, when all scripts that were there at the start have been tried and their handlers
  /// hear events.
  package init(environment: ScriptEnvironment, onFirstLoads: @escaping @Sendable () -> Void) {
    self.environment = environment
    self.onFirstLoads = onFirstLoads
  }

  // MARK: Start and stop

  /// Finds the scripts of the configuration and begins to load and to watch them.
  package func start() throws(ScriptError) {
    let configuration = environment.configuration
    let roots = configuration.paths.map { ScriptRoot(path: Paths.absolute($0)) }
    // Watched before they are read, so that no change falls between.
    _ = try ScriptCatalog.find(configuration.paths)
    if configuration.watches, !roots.isEmpty { try watch(roots) }
    let finding = try ScriptCatalog.find(configuration.paths)
    for failure in finding.failures { environment.log.failed(failure) }
    let scripts = finding.scripts.filter {
      configuration.execution == nil || configuration.execution == $0.source.name
    }
    forgetGone(finding)
    state.withLock { state in
      state.loading = 1
      state.roots = roots
    }
    for script in scripts { load(script) }
    for source in configuration.sources { add(source) }
    for (name, text) in configuration.texts {
      load(ScriptSource(name: name, path: nil, root: nil, text: Array(text.utf8)), path: name)
    }
    finishedOne()
  }

  package func stop() {
    let watcher = state.withLock { state in
      state.isStopped = true
      defer { state.watcher = nil }
      return state.watcher
    }
    watcher?.stop()
  }

  private func watch(_ roots: [ScriptRoot]) throws(ScriptError) {
    do {
      let watcher = try FileWatcher(
        roots: roots, onChange: { [self] in changed($0) },
        onFailure: { [self] in environment.log.logger.warning("\($0)") })
      state.withLock { $0.watcher = watcher }
    } catch {
      throw ScriptError(.unreadable, script: "", "\(error)")
    }
  }

  // MARK: Changes

  /// Loads every script anew, changed or not, and finds new and lost ones.
  package func reloadAll() {
    let (paths, roots, watches) = state.withLock { state in
      let files = state.scripts.filter { !$0.value.isText }.keys
      return (Array(files), state.roots, state.watcher != nil)
    }
    let listed = Set(roots.flatMap { ScriptFinder.list($0).scripts.map(\.path) })
    for path in listed.union(paths).sorted() {
      // A watcher tells by itself, and knows an editor's rename from a loss.
      if listed.contains(path) || watches { reload(path, force: true) } else { remove(path) }
    }
  }

  /// Loads a script that was read already, or loads it anew.
  package func add(_ source: ScriptSource) { load(source, path: source.path ?? source.name) }

  private func load(_ script: Found) {
    load(script.source, path: script.source.path ?? script.source.name, unreadable: script.error)
  }

  /// Why the newest version of a script did not load; nil if it did.
  package func failure(of name: String) -> ScriptError? {
    state.withLock { state in state.scripts.values.first { $0.name == name }?.failing?.error }
  }

  private func changed(_ changes: [WatchedChange]) {
    for change in changes {
      switch change {
      case .changed(let path):
        if isScript(path) { reload(path, force: false) }
        for dependent in dependents(of: path) { reload(dependent, force: true) }
      case .gone(let path):
        if isScript(path) { remove(path) }
        for dependent in dependents(of: path) { reload(dependent, force: true) }
      }
    }
  }

  private func dependents(of path: String) -> [String] {
    state.withLock { state in
      state.scripts.filter { $0.key != path && $0.value.dependencies.contains(path) }.keys.sorted()
    }
  }

  private func isScript(_ path: String) -> Bool {
    state.withLock { state in
      state.scripts[path] != nil || state.roots.contains { $0.name(ofScript: path) != nil }
    }
  }

  func reload(_ path: String, force: Bool) {
    let (name, root, served, isFailing) = state.withLock { state in
      let script = state.scripts[path]
      let root = state.roots.first { $0.name(ofScript: path) != nil }
      return (
        script?.name ?? root?.name(ofScript: path), root?.path, script?.text, script?.failing != nil
      )
    }
    guard let name else { return }
    var source = ScriptSource(name: name, path: path, root: root == path ? nil : root, text: [])
    do throws(FileError) {
      source.text = try readFile(path)
    } catch {
      guard !error.isMissing else { return }  // being replaced: the watcher will say
      load(source, path: path, unreadable: error.scriptError(name))
      return
    }
    guard force || isFailing || served != source.text else { return }
    load(source, path: path)
  }

  private func remove(_ path: String) {
    let (script, watcher) = state.withLock { state in
      state.clashes.remove(path)
      let script = state.scripts.removeValue(forKey: path)
      // Inside the lock, so that no load that has ended meanwhile is told after it.
      if let script { environment.inbox.post(.unload(script.id, reason: "the script is gone")) }
      return (script, state.watcher)
    }
    guard let script else { return }
    forgetRemoved(script.name)
    if script.text != nil {
      environment.log.unloaded(script.name, reason: "the file is gone")
      environment.bus.publish(
        Event(name: "script.unloaded", payload: ["script": .string(script.name)]))
    }
    watcher?.setDependencies([], of: path)
  }

  /// The script of a name, if it is served.
  package func script(named name: String) -> ScriptID? {
    state.withLock { state in state.scripts.values.first { $0.name == name && $0.text != nil }?.id }
  }

  /// How many scripts are served.
  package var count: Int { state.withLock { $0.scripts.values.count { $0.text != nil } } }
}
