import FileWatching
import MoonwheelModel
import ScriptHost
import Synchronization
import SystemCalls
import Triggers
import WorkerPool

/// The scripts that the host serves. The catalog finds and loads them, reloads those that change, and unloads those
/// whose file is removed.
///
/// A load is a transaction: the text runs in a new isolate, and replaces the generation before only if it succeeds.
/// Loads of one script never overlap: a change during a load causes another load after it.
package final class ScriptCatalog: Sendable {
  struct Script {
    var id: ScriptID
    var name: String
    var root: String?
    /// The configuration has the text: there is no file to reload.
    var isText: Bool
    /// The text of the generation that serves; nil if none does. A file that is touched has the same text.
    var text: [UInt8]?
    /// How many jobs that generation has registered while it loaded.
    var jobs = 0
    /// The number of the newest load. An older load that ends later, after the script was removed and restored, is
    /// ignored.
    var load: UInt64 = 0
    var isLoading = false
    /// The file has changed during the load.
    var isStale = false
    /// The paths of modules whose change reloads the script.
    var dependencies: Set<String> = []
    /// Of the texts from which the generation that serves was loaded.
    var version: SourceVersion?
    /// The modules that the generation that serves has required.
    var modules: [String: StoredSources.Module] = [:]
    /// Set while the newest text does not load.
    var failing: Failing?
  }

  struct Failing {
    var error: ScriptError
    /// The time of the first of these failures in a row.
    var since: Timestamp
    /// The number of the first of these failing loads.
    var id: UInt64
  }

  struct State {
    var scripts: [String: Script] = [:]
    /// The paths of `scripts`, by name.
    var paths: [String: String] = [:]
    /// By path. A script that is removed and restored keeps its number, under which its promised runs are kept.
    var ids: [String: ScriptID] = [:]
    /// The paths of scripts that have the name of another one; each has been logged.
    var clashes: Set<String> = []
    /// How many loads have begun.
    var loads: UInt64 = 0
    var roots: [ScriptRoot] = []
    var watcher: FileWatcher?
    /// How many loads are under way, and 1 more while the catalog starts.
    var loading = 0
    /// True once the first loads have ended.
    var hasLoaded = false
    /// To be called when no load is under way any more.
    var loadWaiters: [@Sendable () -> Void] = []
    var isStopped = false

    func script(named name: String) -> Script? { paths[name].flatMap { scripts[$0] } }
  }

  let state = Mutex(State())
  let environment: ScriptEnvironment
  let onFirstLoads: @Sendable () -> Void

  /// `onFirstLoads` is called once, by the thread that steps the core, when every script that was there at the start
  /// has loaded or failed, and the handlers of those that loaded receive events.
  package init(environment: ScriptEnvironment, onFirstLoads: @escaping @Sendable () -> Void) {
    self.environment = environment
    self.onFirstLoads = onFirstLoads
  }

  // MARK: Start and stop

  /// Finds the scripts of the configuration and begins to load and to watch them.
  package func start() throws(ScriptError) {
    let configuration = environment.configuration
    try configuration.checkAlarmScript()
    let paths = configuration.servedPaths
    let roots = paths.map { ScriptRoot(path: Paths.absolute($0)) }
    // The first search checks the paths. Watch before the texts are read, so that no change is missed.
    let waits = configuration.watches && configuration.selection.execution == nil
    _ = try ScriptSearch.list(paths, mayBeEmpty: waits)
    if configuration.watches, !roots.isEmpty || configuration.permissions.watch != nil {
      try watch(roots)
    }
    PolicyReader(self).begin()
    let finding = try ScriptSearch.list(
      paths, alarm: configuration.onFailure, mayBeEmpty: waits)
    if !roots.isEmpty { finding.warn(environment.log.logger, waits: waits) }
    for failure in finding.failures { environment.log.failed(failure) }
    let scripts = finding.scripts.filter {
      configuration.selection.execution == nil
        || configuration.selection.execution == $0.source.name
    }
    forgetMissing(finding)
    state.withLock { state in
      state.loading = 1
      state.roots = roots
    }
    for script in scripts {
      guard !state.withLock({ $0.isStopped }) else { break }
      load(ScriptSearch.read(script.source))
    }
    for source in configuration.selection.sources { add(source) }
    for (name, text) in configuration.texts {
      load(ScriptSource(name: name, path: nil, root: nil, text: Array(text.utf8)), path: name)
    }
    endLoad()
  }

  /// Nothing loads any more. May be called while ``start()`` is still under way, which then returns soon.
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

  /// Reloads every script, changed or not, loads new ones, and unloads those whose file is missing.
  package func reloadAll() {
    PolicyReader(self).apply()
    let (paths, roots, watches) = state.withLock { state in
      let files = state.scripts.filter { !$0.value.isText }.keys
      return (Array(files), state.roots, state.watcher != nil)
    }
    let listed = Set(roots.flatMap { ScriptFinder.list($0).scripts.map(\.path) })
    for path in listed.union(paths).sorted() {
      // A watcher reports removals itself, and can tell them from an editor's rename.
      if listed.contains(path) || watches { reload(path, force: true) } else { remove(path) }
    }
  }

  /// Calls `done` when no load is under way and what the last one did holds in the core; on the thread that steps the
  /// core.
  package func whenLoaded(_ done: @escaping @Sendable () -> Void) {
    let isWaiting = state.withLock { state in
      guard state.loading > 0 else { return false }
      state.loadWaiters.append(done)
      return true
    }
    if !isWaiting { environment.inbox.post(.call(done)) }
  }

  /// Why scripts do not load, in the order of their names.
  package var failures: [ScriptError] {
    state.withLock { state in
      state.scripts.values.filter { $0.failing != nil }.sorted { $0.name < $1.name }
        .compactMap(\.failing?.error)
    }
  }

  /// The scripts that are served, in the order of their names.
  package var served: [(name: String, id: ScriptID)] {
    state.withLock { state in
      state.scripts.values.filter { $0.text != nil }.map { ($0.name, $0.id) }
    }.sorted { $0.name < $1.name }
  }

  /// Loads or reloads a script from a text that the caller has read.
  package func add(_ source: ScriptSource) { load(source, path: source.path ?? source.name) }

  private func load(_ script: ScriptSearch.Found) {
    load(script.source, path: script.source.path ?? script.source.name, unreadable: script.error)
  }

  /// Why the newest version of a script did not load; nil if it did.
  package func failure(of name: String) -> ScriptError? {
    state.withLock { $0.script(named: name)?.failing?.error }
  }

  private func changed(_ changes: [WatchedChange]) {
    PolicyReader(self).note(changes)
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

  /// Reloads a file if its text has changed, or if `force` is true.
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
      // An editor is replacing the file. The watcher will report the new one.
      guard !error.isMissing else { return }
      load(source, path: path, unreadable: error.scriptError(name))
      return
    }
    guard force || isFailing || served != source.text else { return }
    load(source, path: path)
  }

  func remove(_ path: String) {
    let (script, watcher) = state.withLock { state in
      state.clashes.remove(path)
      let script = state.scripts.removeValue(forKey: path)
      if let script { state.paths[script.name] = nil }
      // Inside the lock, so that no load that has just ended is installed after it.
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

  /// The script of a name; nil if no version of it is served.
  package func script(named name: String) -> ScriptID? {
    state.withLock { state in
      state.script(named: name).flatMap { $0.text == nil ? nil : $0.id }
    }
  }

  /// Whether there is a script of a name, served or not.
  package func exists(_ name: String) -> Bool {
    state.withLock { state in state.scripts.values.contains { $0.name == name } }
  }

  /// How many scripts are served.
  package var count: Int { counts.served }
}
