import Glibc
import WorkerPool

/// What the watcher's thread owns: it turns events into looks at files, and looks into reports.
struct WatchLoop {
  private let inotify: Inotify
  private let roots: [ScriptRoot]
  private let withTests: Bool
  private let workingFolder: String
  private var map: WatchMap
  private var state = WatchState()
  private var scripts: Set<String> = []
  private var dependencies: Set<String> = []
  private var rescan = WatchMap.Meaning.Rescan.none
  /// Folders whose watch failed, so that each is told once.
  private var failing: Set<WatchError> = []
  private var failures: [WatchError] = []

  /// Takes all files that are there as known.
  init(_ inotify: Inotify, roots: [ScriptRoot], withTests: Bool = false) {
    self.inotify = inotify
    self.roots = roots
    self.withTests = withTests
    map = WatchMap(withTests: withTests)
    workingFolder = WatchLoop.currentFolder()
    for (path, version) in scan() { state.adopt(path, version) }
  }

  var nextDue: Int64? { state.nextDue }

  /// The failures since the last call.
  mutating func takeFailures() -> [WatchError] {
    defer { failures = [] }
    return failures
  }

  /// Follows other dependencies from now on.
  ///
  /// - Parameter since: the wall time before which none of the new ones had been read.
  mutating func follow(_ paths: Set<String>, since: Int64, at now: Int64) {
    let added = paths.subtracting(dependencies)
    let removed = dependencies.subtracting(paths)
    guard !added.isEmpty || !removed.isEmpty else { return }
    dependencies = paths
    for path in removed where !scripts.contains(path) { state.forget(path) }
    let files = scan()
    for path in added where !state.knows(path) {
      guard let version = files[path] else { continue }
      if version.changed < since { state.adopt(path, version) }
    }
    state.reconcile(with: files, eventsWereLost: false, at: now)
  }

  mutating func readEvents(at now: Int64) {
    for record in inotify.read() {
      let meaning = map.meaning(of: event(record))
      rescan = max(rescan, meaning.rescan)
      for path in meaning.touched { state.touch(path, FileVersion(of: path), at: now) }
      for path in meaning.started {
        state.touch(path, FileVersion(of: path), isUnfinished: true, at: now)
      }
    }
    guard rescan != .none else { return }
    state.reconcile(with: scan(), eventsWereLost: rescan == .everything, at: now)
    rescan = .none
  }

  /// What has come to rest by now, in the order of paths.
  mutating func settle(at now: Int64) -> [WatchedChange] {
    var changes: [WatchedChange] = []
    for path in state.due(at: now) {
      if let change = state.settle(path, FileVersion(of: path), at: now) { changes.append(change) }
    }
    return changes
  }
}

extension WatchLoop {
  private func event(_ record: Inotify.Record) -> WatchEvent {
    let isFolder = record.mask & IN_ISDIR != 0
    let kind: WatchEvent.Kind =
      if record.mask & IN_Q_OVERFLOW != 0 {
        .overflow
      } else if record.mask & IN_IGNORED != 0 {
        .ended
      } else if record.mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT) != 0 {
        .uprooted
      } else if record.mask & (IN_DELETE | IN_MOVED_FROM) != 0 {
        .vanished(isFolder: isFolder)
      } else if record.mask & (IN_CREATE | IN_MOVED_TO) != 0 {
        .appeared(isFolder ? .folder : entry(record))
      } else {
        .closed
      }
    return WatchEvent(watch: record.watch, kind: kind, name: record.name)
  }

  private func entry(_ record: Inotify.Record) -> WatchEvent.Entry {
    guard let path = map.path(of: record.watch, record.name),
      let status = FileStatus(of: path, followingLinks: false)
    else { return .file }
    if status.kind == .link { return .link }
    let isNew = record.mask & IN_CREATE != 0 && status.names == 1
    return isNew ? .newFile : .file
  }

  /// Lists every script and dependency that there is, and watches what leads to them, nothing else.
  private mutating func scan() -> [String: FileVersion] {
    let before = map.watches
    map = WatchMap(withTests: withTests)
    scripts = []
    var failed: Set<WatchError> = []
    for root in roots {
      pass(root.path, to: root.path, &failed)
      let listing = ScriptFinder.list(root, withTests: withTests) { folder in
        watch(folder, for: .content, &failed) { $0.addSearched(folder, $1) }
      }
      for link in listing.links { pass(link, to: link, &failed) }
      scripts.formUnion(listing.scripts.map(\.path))
      failed.formUnion(listing.failures.filter { $0.code != .missing })
    }
    for path in dependencies { pass(path, to: path, &failed) }
    for watch in before.subtracting(map.watches) { inotify.end(watch) }
    failures += failed.subtracting(failing).sorted { $0.description < $1.description }
    failing = failed
    return versions()
  }

  private func versions() -> [String: FileVersion] {
    var files: [String: FileVersion] = [:]
    for path in scripts.union(dependencies) { files[path] = FileVersion(of: path) }
    return files
  }

  /// Watches every step of a path.
  private mutating func pass(_ path: String, to file: String, _ failed: inout Set<WatchError>) {
    let steps = PathSteps(of: path, in: workingFolder)
    for folder in steps.folders {
      watch(folder, for: .place, &failed) { $0.addPassed(folder, $1) }
    }
    for name in steps.names {
      let folder = PathSteps.parent(of: name)
      watch(folder.isEmpty ? "/" : folder, for: .content, &failed) { $0.addPassed(folder, $1) }
    }
    map.addSteps(steps.names, to: file)
  }

  private mutating func watch(
    _ folder: String, for interest: Inotify.Interest, _ failed: inout Set<WatchError>,
    add: (inout WatchMap, WatchID) -> Void
  ) {
    do throws(WatchError) {
      add(&map, try inotify.watch(folder, for: interest))
    } catch {
      // Gone since it was seen: the folder that held it is watched, and tells.
      if error.code != .missing { failed.insert(error) }
    }
  }

  /// Safe because the system allocates the answer, which is copied and freed here.
  private static func currentFolder() -> String {
    guard let path = unsafe getcwd(nil, 0) else { return "/" }
    defer { unsafe free(path) }
    return unsafe String(cString: path)
  }
}
