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
    /// Of the generation that serves, to tell a change from a touch.
    var text: [UInt8]?
    var isLoading = false
    var isStale = false
    var dependencies: Set<String> = []
    var hasFailed = false
  }

  private struct State {
    var scripts: [String: Script] = [:]
    var roots: [ScriptRoot] = []
    var watcher: FileWatcher?
    var loading = 0
    var isStopped = false
  }

  private let state = Mutex(State())
  private let engine: Engine
  private let onFirstLoads: @Sendable () -> Void

  /// `onFirstLoads` is called once, when all scripts that were there at the start have been tried.
  init(engine: Engine, onFirstLoads: @escaping @Sendable () -> Void) {
    self.engine = engine
    self.onFirstLoads = onFirstLoads
  }

  // MARK: Start and stop

  /// Finds the scripts of the configuration and begins to load and to watch them.
  func start() throws(ScriptError) {
    let configuration = engine.configuration
    let sources = try ScriptCatalog.find(configuration.paths)
    if configuration.watches, !configuration.paths.isEmpty { try watch(configuration.paths) }
    state.withLock { $0.loading = 1 }
    for source in sources { load(source, path: source.path ?? source.name) }
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
    var origin: [String: String] = [:]
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
      for script in listing.scripts where origin[script.path] == nil {
        if let other = origin.first(where: { name in
          sources.contains { $0.name == script.name && $0.path == name.key }
        }) {
          throw ScriptError(
            .invalid, script: script.name,
            "\(script.path) and \(other.key) have the same name \"\(script.name)\"; give the folder above them instead, or rename one"
          )
        }
        guard let text = readFile(script.path) else {
          throw ScriptError(.unreadable, script: script.name, "\(script.path): cannot be read")
        }
        origin[script.path] = root.path
        let folder = script.path == root.path ? nil : root.path
        sources.append(ScriptSource(name: script.name, path: script.path, root: folder, text: text))
      }
    }
    return sources
  }

  private func watch(_ paths: [String]) throws(ScriptError) {
    let roots = paths.map { ScriptRoot(path: absolutePath($0)) }
    do {
      let watcher = try FileWatcher(
        roots: roots, onChange: { [self] in changed($0) },
        onFailure: { [self] in engine.log.logger.warning("\($0)") })
      state.withLock {
        $0.watcher = watcher
        $0.roots = roots
      }
    } catch {
      throw ScriptError(.unreadable, script: "", "\(error)")
    }
  }

  // MARK: Changes

  /// Loads every script anew, changed or not, and finds new and lost ones.
  func reloadAll() {
    let (paths, roots) = state.withLock { (Array($0.scripts.keys), $0.roots) }
    let listed = roots.flatMap { ScriptFinder.list($0).scripts.map(\.path) }
    for path in Set(paths).union(listed).sorted() { reload(path, force: true) }
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
      let name =
        state.scripts[path]?.name ?? state.roots.lazy.compactMap { $0.name(ofScript: path) }.first
      let root = state.roots.first { $0.name(ofScript: path) != nil }
      let isSame = state.scripts[path]?.text == text && state.scripts[path]?.hasFailed == false
      return (name: name, root: root?.path, isSame: isSame)
    }
    guard let name = known.name, force || !known.isSame else { return }
    let root = known.root == path ? nil : known.root
    load(ScriptSource(name: name, path: path, root: root, text: text), path: path)
  }

  private func remove(_ path: String) {
    let script = state.withLock { $0.scripts.removeValue(forKey: path) }
    guard let script else { return }
    engine.inbox.post(.unload(script.id, reason: "the script is gone"))
    engine.log.unloaded(script.name, reason: "the file is gone")
    engine.bus.publish(
      Event(name: "script.unloaded", payload: ["script": .string(script.name)]))
    state.withLock { $0.watcher }?.setDependencies([], of: path)
  }

  // MARK: Loading

  private func load(_ source: ScriptSource, path: String) {
    let begun = Clocks.wall()
    let id: ScriptID? = state.withLock { state in
      guard !state.isStopped else { return nil }
      var script =
        state.scripts[path]
        ?? Script(id: engine.newScript(named: source.name), name: source.name, root: source.root)
      guard !script.isLoading else {
        state.scripts[path]?.isStale = true
        return nil
      }
      script.isLoading = true
      script.isStale = false
      state.scripts[path] = script
      state.loading += 1
      return script.id
    }
    guard let id else { return }
    let isolate = engine.isolate(for: id, source)
    isolate.post(
      .load { [self, unowned isolate] result in
        finished(result, isolate, path: path, begun: begun)
      })
  }

  private func finished(
    _ result: Result<LoadedScript, ScriptError>, _ isolate: ScriptIsolate, path: String,
    begun: Int64
  ) {
    let (isWanted, isReload, isStale) = state.withLock { state in
      guard state.scripts[path] != nil, !state.isStopped else { return (false, false, false) }
      let isReload = state.scripts[path]?.text != nil
      let isStale = state.scripts[path]?.isStale ?? false
      state.scripts[path]?.isLoading = false
      state.scripts[path]?.dependencies = isolate.modules.found
      switch result {
      case .success:
        state.scripts[path]?.text = isolate.source.text
        state.scripts[path]?.hasFailed = false
      case .failure:
        state.scripts[path]?.hasFailed = true
      }
      return (true, isReload, isStale)
    }
    if isWanted {
      announce(result, isolate, isReload: isReload)
      state.withLock { $0.watcher }?
        .setDependencies(isolate.modules.found, of: path, since: begun)
    }
    if isStale { reload(path, force: true) }
    finishedOne()
  }

  private func announce(
    _ result: Result<LoadedScript, ScriptError>, _ isolate: ScriptIsolate, isReload: Bool
  ) {
    switch result {
    case .success(let loaded):
      engine.inbox.post(.attach(isolate))
      engine.inbox.post(
        .install(
          Installation(
            script: isolate.script, generation: isolate.generation,
            registrations: loaded.registrations)))
      engine.resume(isolate.script)
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
    if isFirst { onFirstLoads() }
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
