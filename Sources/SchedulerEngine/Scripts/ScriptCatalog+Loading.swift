import FileWatching
import MoonwheelModel
import SchedulerCore
import ScriptHost
import SystemCalls
import WorkerPool

extension ScriptCatalog {
  /// One load of the script at a path.
  struct Attempt {
    var path: String
    /// The number of the load.
    var load: UInt64
    /// Its files were read after this wall time, in nanoseconds.
    var begun: Int64
  }

  private enum Beginning {
    case load(ScriptID, UInt64)
    /// Not now: another load of the script is under way, or the catalog has stopped.
    case skip
    /// The script at this path has the same name.
    case clash(String)
  }

  /// Begins a load unless one is under way; that one then leads to another. `unreadable` says why the source has no
  /// text.
  func load(_ source: ScriptSource, path: String, unreadable: ScriptError? = nil) {
    let begun = Clocks.fileTime()
    switch state.withLock({ begin(source, path, in: &$0) }) {
    case .skip: return
    case .clash(let other):
      environment.log.failed(ScriptSearch.clash(other, path, name: source.name))
    case .load(let id, let number):
      let attempt = Attempt(path: path, load: number, begun: begun)
      environment.bus.alarms?.begin(id, named: source.name, at: path)
      if let unreadable {
        fail(unreadable, source, id, [], attempt)
      } else {
        load(source, id) { [self] result, isolate in
          switch result {
          case .success(let loaded): succeed(loaded, isolate, attempt)
          case .failure(let error):
            fail(error, source, id, isolate.modules.dependencies, attempt)
          }
        }
      }
    }
  }

  /// Loads a text in a new isolate. `done` is called on its worker.
  func load(
    _ source: ScriptSource, _ script: ScriptID,
    _ done: @escaping @Sendable (Result<LoadedScript, ScriptError>, ScriptIsolate) -> Void
  ) {
    let isolate = ScriptIsolate(script, source, in: environment)
    isolate.post(.load { [unowned isolate] result in done(result, isolate) })
  }

  private func begin(_ source: ScriptSource, _ path: String, in state: inout State) -> Beginning {
    guard !state.isStopped else { return .skip }
    if state.scripts[path] == nil, let other = state.paths[source.name] {
      return state.clashes.insert(path).inserted ? .clash(other) : .skip
    }
    guard state.scripts[path]?.isLoading != true else {
      state.scripts[path]?.isStale = true
      return .skip
    }
    let id = state.ids[path] ?? environment.newScript(named: source.name)
    state.ids[path] = id
    var script =
      state.scripts[path]
      ?? Script(id: id, name: source.name, root: source.root, isText: source.path == nil)
    script.isLoading = true
    script.isStale = false
    state.loads += 1
    script.load = state.loads
    state.scripts[path] = script
    state.paths[script.name] = path
    state.loading += 1
    return .load(id, script.load)
  }

  /// Installs the jobs of a load. `restored` means that the store had the text, since the file does not load.
  func succeed(
    _ loaded: LoadedScript, _ isolate: ScriptIsolate, _ attempt: Attempt, restored: Bool = false
  ) {
    let dependencies = isolate.modules.dependencies
    let formerly = FormerNames(names: loaded.formerly, path: attempt.path).vacated(in: self)
    environment.functions.takeOver(formerly, by: isolate.name)
    environment.takeOverKeys(of: formerly, by: isolate.name)
    let version = StoredSources.version(
      of: isolate.source.text, Array(isolate.modules.byName.values))
    let outcome = state.withLock { state -> (isReload: Bool, isSame: Bool, isStale: Bool)? in
      guard var script = state.scripts[attempt.path], script.load == attempt.load, !state.isStopped
      else { return nil }
      let isReload = script.text != nil
      let isSame =
        script.text == isolate.source.text
        && isolate.modules.byName.allSatisfy { script.modules[$0.key] == $0.value }
      script.isLoading = false
      // Keep the modules of the text that does not load: one of them may be the reason.
      script.dependencies = restored ? script.dependencies.union(dependencies) : dependencies
      script.text = isolate.source.text
      script.jobs = loaded.registrations.count
      script.modules = isolate.modules.byName
      script.version = version
      if !restored { script.failing = nil }
      state.scripts[attempt.path] = script
      // Inside the lock, so that the core gets installations in the order of loads.
      environment.inbox.post(.attach(isolate, isolate.generation))
      environment.inbox.post(
        .install(
          Installation(
            script: isolate.script, name: isolate.name, generation: isolate.generation,
            registrations: environment.configuration.selection.execution == nil
              ? loaded.registrations : loaded.registrations.map(\.dormant),
            formerly: formerly, version: version)))
      return (isReload, isSame, script.isStale)
    }
    if let outcome {
      environment.announce(
        loaded, isolate, isReload: outcome.isReload, isSame: outcome.isSame)
      if !restored { keep(attempt.path, loaded.registrations) }
      watchModules(attempt.path, attempt.load, since: attempt.begun)
      isolate.modules.onChange = { [self] modules in
        addModules(modules, attempt)
        watchModules(attempt.path, attempt.load, since: Clocks.fileTime())
      }
    }
    if outcome?.isStale == true { reload(attempt.path, force: true) }
    endLoad()
  }

  /// Records that a text does not load. If no version of the script is served, serves the last good one from the store.
  private func fail(
    _ error: ScriptError, _ source: ScriptSource, _ id: ScriptID, _ dependencies: Set<String>,
    _ attempt: Attempt
  ) {
    let now = environment.clock.read().wall
    let found = state.withLock { state -> (isServed: Bool, isFirst: Bool)? in
      guard var script = state.scripts[attempt.path], script.load == attempt.load, !state.isStopped
      else { return nil }
      script.dependencies = dependencies
      let isFirst = script.failing == nil
      script.failing = Failing(
        error: error, since: script.failing?.since ?? now, id: script.failing?.id ?? attempt.load)
      state.scripts[attempt.path] = script
      return (script.text != nil, isFirst)
    }
    guard let found else { return endLoad() }
    watchModules(attempt.path, attempt.load, since: attempt.begun)
    if found.isFirst { LoadReminder(catalog: self, path: attempt.path).schedule() }
    guard !found.isServed, source.path != nil else {
      return endFailedLoad(error, found.isServed ? .stillRuns : .none, attempt)
    }
    restore(source, id, error, attempt)
  }

  /// Ends a load that has failed. `version` is the version that runs.
  func endFailedLoad(_ error: ScriptError, _ version: LastGoodVersion, _ attempt: Attempt) {
    environment.report(error, version)
    let isStale = state.withLock { state in
      guard let script = state.scripts[attempt.path], script.load == attempt.load else {
        return false
      }
      state.scripts[attempt.path]?.isLoading = false
      return script.isStale
    }
    if isStale { reload(attempt.path, force: true) }
    endLoad()
  }

  /// Adds the modules that a callback of the script has required since the load.
  private func addModules(_ modules: ModuleFinder, _ attempt: Attempt) {
    let hasMore = state.withLock { state in
      guard var script = state.scripts[attempt.path], script.load == attempt.load else {
        return false
      }
      let before = script.modules.count
      script.dependencies.formUnion(modules.dependencies)
      script.modules.merge(modules.byName) { first, _ in first }
      state.scripts[attempt.path] = script
      return script.modules.count > before && script.failing == nil
    }
    if hasMore { keep(attempt.path) }
  }

  /// Watches the modules that a script requires.
  private func watchModules(_ path: String, _ load: UInt64, since: Int64) {
    let (watcher, dependencies) = state.withLock { state in
      guard let script = state.scripts[path], script.load == load else {
        return (FileWatcher?.none, Set<String>())
      }
      return (state.watcher, script.dependencies)
    }
    watcher?.setDependencies(dependencies, of: path, since: since)
  }

  /// Counts the end of a load; the last of the first ones calls ``onFirstLoads``.
  func endLoad() {
    let (isFirst, failed, waiters) = state.withLock { state in
      state.loading -= 1
      guard state.loading == 0 else { return (false, Set<String>(), [@Sendable () -> Void]()) }
      defer {
        state.hasLoaded = true
        state.loadWaiters = []
      }
      let failed = state.scripts.values.lazy.filter { $0.text == nil }.map(\.name)
      return (!state.hasLoaded, Set(failed), state.loadWaiters)
    }
    if isFirst {
      environment.inbox.post(.loaded(failed: failed))
      environment.inbox.post(
        .call { [self] in
          environment.sweepKeys()
          onFirstLoads()
        })
    }
    for waiter in waiters { environment.inbox.post(.call(waiter)) }
  }
}
