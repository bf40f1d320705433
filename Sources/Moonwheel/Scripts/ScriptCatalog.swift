import MoonwheelCore
import Synchronization
import Triggers
import WorkerPool

/// The scripts that are served: found, loaded, loaded anew when they change, let go when they are gone.
///
/// A load is a transaction: the text runs in a fresh isolate, and only a success replaces the generation before. Loads of
/// one script never overlap; a change during a load leads to one more.
final class ScriptCatalog: Sendable {
  private struct Script {
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
    /// Why the newest text did not load.
    var failure: ScriptError?
  }

  private struct State {
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

  private let state = Mutex(State())
  private let engine: Engine
  private let onFirstLoads: @Sendable () -> Void

  /// `onFirstLoads` is called once, when all scripts that were there at the start have been tried and their handlers
  /// hear events.
  init(engine: Engine, onFirstLoads: @escaping @Sendable () -> Void) {
    self.engine = engine
    self.onFirstLoads = onFirstLoads
  }

  // MARK: Start and stop

  /// Finds the scripts of the configuration and begins to load and to watch them.
  func start() throws(ScriptError) {
    let configuration = engine.configuration
    let roots = configuration.paths.map { ScriptRoot(path: absolutePath($0)) }
    // Watched before they are read, so that no change falls between.
    _ = try ScriptCatalog.find(configuration.paths)
    if configuration.watches, !roots.isEmpty { try watch(roots) }
    let sources = try ScriptCatalog.find(configuration.paths).filter {
      configuration.execution == nil || configuration.execution == $0.name
    }
    state.withLock { state in
      state.loading = 1
      state.roots = roots
    }
    for source in sources { load(source, path: source.path ?? source.name) }
    for source in configuration.sources { add(source) }
    for (name, text) in configuration.texts {
      load(ScriptSource(name: name, path: nil, root: nil, text: Array(text.utf8)), path: name)
    }
    finishedOne()
  }

  func stop() {
    let watcher = state.withLock { state in
      state.isStopped = true
      defer { state.watcher = nil }
      return state.watcher
    }
    watcher?.stop()
  }

  /// The scripts of paths, with their texts; throws for a path that is not there and for a folder without scripts.
  static func find(_ paths: [String]) throws(ScriptError) -> [ScriptSource] {
    var sources: [ScriptSource] = []
    var seen: Set<String> = []
    var pathOf: [String: String] = [:]
    for path in paths {
      let root = ScriptRoot(path: absolutePath(path))
      let listing = ScriptFinder.list(root)
      if let failure = listing.failures.first {
        throw ScriptError(.unreadable, script: path, failure.description)
      }
      guard !listing.scripts.isEmpty else {
        throw ScriptError(
          .empty, script: path,
          "\(path): no scripts in this folder; a script is a file *.lua (not *_test.lua, and not in lib/ or lua_modules/)"
        )
      }
      for script in listing.scripts where seen.insert(script.path).inserted {
        if let other = pathOf.updateValue(script.path, forKey: script.name) {
          throw clash(other, script.path, name: script.name)
        }
        guard let text = readFile(script.path) else {
          throw ScriptError(.unreadable, script: script.name, "\(script.path): cannot be read")
        }
        let folder = script.path == root.path ? nil : root.path
        sources.append(ScriptSource(name: script.name, path: script.path, root: folder, text: text))
      }
    }
    return sources
  }

  private static func clash(_ one: String, _ other: String, name: String) -> ScriptError {
    ScriptError(
      .invalid, script: name,
      "\(one) and \(other) have the same name \"\(name)\"; give the folder above them instead, or rename one"
    )
  }

  private func watch(_ roots: [ScriptRoot]) throws(ScriptError) {
    do {
      let watcher = try FileWatcher(
        roots: roots, onChange: { [self] in changed($0) },
        onFailure: { [self] in engine.log.logger.warning("\($0)") })
      state.withLock { $0.watcher = watcher }
    } catch {
      throw ScriptError(.unreadable, script: "", "\(error)")
    }
  }

  // MARK: Changes

  /// Loads every script anew, changed or not, and finds new and lost ones.
  func reloadAll() {
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
  func add(_ source: ScriptSource) { load(source, path: source.path ?? source.name) }

  /// Why the newest version of a script did not load; nil if it did.
  func failure(of name: String) -> ScriptError? {
    state.withLock { state in state.scripts.values.first { $0.name == name }?.failure }
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

  private func reload(_ path: String, force: Bool) {
    guard let text = readFile(path) else { return }  // being replaced: the watcher will say
    let known = state.withLock { state in
      let script = state.scripts[path]
      let root = state.roots.first { $0.name(ofScript: path) != nil }
      let isSame = script?.text == text && script?.failure == nil
      return (name: script?.name ?? root?.name(ofScript: path), root: root?.path, isSame: isSame)
    }
    guard let name = known.name, force || !known.isSame else { return }
    let root = known.root == path ? nil : known.root
    load(ScriptSource(name: name, path: path, root: root, text: text), path: path)
  }

  private func remove(_ path: String) {
    let (script, watcher) = state.withLock { state in
      state.clashes.remove(path)
      let script = state.scripts.removeValue(forKey: path)
      // Inside the lock, so that no load that has ended meanwhile is told after it.
      if let script { engine.inbox.post(.unload(script.id, reason: "the script is gone")) }
      return (script, state.watcher)
    }
    guard let script else { return }
    if script.text != nil {
      engine.log.unloaded(script.name, reason: "the file is gone")
      engine.bus.publish(
        Event(name: "script.unloaded", payload: ["script": .string(script.name)]))
    }
    watcher?.setDependencies([], of: path)
  }

  // MARK: Loading

  private enum Beginning {
    case load(ScriptID, UInt64)
    case later
    case clash(String)
  }

  private func load(_ source: ScriptSource, path: String) {
    let begun = ScriptCatalog.fileTime()
    switch state.withLock({ begin(source, path, in: &$0) }) {
    case .later: return
    case .clash(let other):
      engine.log.failed(
        ScriptCatalog.clash(other, path, name: source.name), keepsOld: false)
    case .load(let id, let number):
      let isolate = engine.isolate(for: id, source)
      isolate.post(
        .load { [self, unowned isolate] result in
          finished(result, isolate, path: path, load: number, begun: begun)
        })
    }
  }

  private func begin(_ source: ScriptSource, _ path: String, in state: inout State) -> Beginning {
    guard !state.isStopped else { return .later }
    if state.scripts[path] == nil,
      let other = state.scripts.first(where: { $0.value.name == source.name })
    {
      return state.clashes.insert(path).inserted ? .clash(other.key) : .later
    }
    guard state.scripts[path]?.isLoading != true else {
      state.scripts[path]?.isStale = true
      return .later
    }
    let id = state.ids[path] ?? engine.newScript(named: source.name)
    state.ids[path] = id
    var script =
      state.scripts[path]
      ?? Script(id: id, name: source.name, root: source.root, isText: source.path == nil)
    script.isLoading = true
    script.isStale = false
    state.loads += 1
    script.load = state.loads
    state.scripts[path] = script
    state.loading += 1
    return .load(id, script.load)
  }

  private func finished(
    _ result: Result<LoadedScript, ScriptError>, _ isolate: ScriptIsolate, path: String,
    load: UInt64, begun: Int64
  ) {
    let dependencies = isolate.modules.dependencies
    let (isWanted, isReload, isStale) = state.withLock { state in
      guard var script = state.scripts[path], script.load == load, !state.isStopped else {
        return (false, false, false)
      }
      let isReload = script.text != nil
      script.isLoading = false
      script.dependencies = dependencies
      switch result {
      case .success(let loaded):
        script.text = isolate.source.text
        script.failure = nil
        // Inside the lock, so that installations are told in the order of loads.
        engine.inbox.post(.attach(isolate))
        engine.inbox.post(
          .install(
            Installation(
              script: isolate.script, name: isolate.name, generation: isolate.generation,
              registrations: engine.configuration.execution == nil
                ? loaded.registrations : loaded.registrations.map(\.dormant))))
      case .failure(let error):
        script.failure = error
      }
      state.scripts[path] = script
      return (true, isReload, script.isStale)
    }
    if isWanted {
      announce(result, isolate, isReload: isReload)
      follow(dependencies, of: path, load: load, since: begun)
      isolate.modules.onChange = { [self] modules in
        follow(modules.dependencies, of: path, load: load, since: ScriptCatalog.fileTime())
      }
    }
    if isStale { reload(path, force: true) }
    finishedOne()
  }

  /// A time that no file changed from now on is older than: files are stamped by the system's tick, which lags by up to
  /// 10 ms.
  private static func fileTime() -> Int64 { Clocks.wall() - 20_000_000 }

  /// Watches what a script requires: while it loads, or later in a callback.
  private func follow(_ dependencies: Set<String>, of path: String, load: UInt64, since: Int64) {
    let watcher = state.withLock { state -> FileWatcher? in
      guard state.scripts[path]?.load == load else { return nil }
      state.scripts[path]?.dependencies = dependencies
      return state.watcher
    }
    watcher?.setDependencies(dependencies, of: path, since: since)
  }

  private func announce(
    _ result: Result<LoadedScript, ScriptError>, _ isolate: ScriptIsolate, isReload: Bool
  ) {
    switch result {
    case .success(let loaded):
      engine.resume(isolate.script, reason: "it was loaded anew")
      engine.log.loaded(isolate.name, jobs: loaded.registrations.count, isReload: isReload)
      engine.bus.publish(
        Event(
          name: isReload ? "script.reloaded" : "script.loaded",
          payload: [
            "script": .string(isolate.name), "jobs": .integer(Int64(loaded.registrations.count)),
          ]))
    case .failure(let error):
      engine.log.failed(error, keepsOld: isReload)
      engine.bus.publish(
        Event(
          name: "script.failed",
          payload: ["script": .string(isolate.name), "error": .string(error.message)]))
    }
  }

  private func finishedOne() {
    let isFirst = state.withLock { state in
      state.loading -= 1
      guard state.loading == 0 else { return false }
      state.loading = .max / 2  // later loads do not count
      return true
    }
    guard isFirst else { return }
    engine.inbox.post(.loaded)
    engine.inbox.post(.call(onFirstLoads))
  }

  /// The script of a name, if it is served.
  func script(named name: String) -> ScriptID? {
    state.withLock { state in state.scripts.values.first { $0.name == name && $0.text != nil }?.id }
  }

  /// How many scripts are served.
  var count: Int { state.withLock { $0.scripts.values.count { $0.text != nil } } }
}

extension ScriptRoot {
  /// The name of a script below this root, or nil if the path is none of its scripts.
  fileprivate func name(ofScript file: String) -> String? {
    if file == path { return file.split(separator: "/").last.map(String.init) }
    let prefix = path == "/" ? "/" : path + "/"
    guard file.hasPrefix(prefix) else { return nil }
    let name = file.dropFirst(prefix.count)
    let parts = name.split(separator: "/")
    guard let last = parts.last, ScriptFinder.isScript(fileName: String(last)),
      parts.dropLast().allSatisfy({ ScriptFinder.isSearched(folderName: String($0)) })
    else { return nil }
    return String(name)
  }
}
