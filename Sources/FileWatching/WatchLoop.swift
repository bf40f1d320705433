import Glibc
import SystemCalls

/// The state of the watcher's thread: turns events into checks of files, and checks into changes.
struct WatchLoop: Sendable {
  private let inotify: Inotify
  private let roots: [ScriptRoot]
  private let filter: SearchFilter
  private let workingFolder: String
  private var map: WatchMap
  private var state = WatchState()
  private var scripts: Set<String> = []
  private var dependencies: Set<String> = []
  private var rescan = WatchMap.Meaning.Rescan.none
  /// Failures that were reported and have not passed.
  private var failing: Set<WatchError> = []
  private var failures: [WatchError] = []

  /// Takes all files that exist as known.
  init(_ inotify: Inotify, roots: [ScriptRoot], _ filter: SearchFilter) {
    self.inotify = inotify
    self.roots = roots
    self.filter = filter
    map = WatchMap(filter)
    workingFolder = Paths.workingFolder
    for (path, version) in scan() { state.setKnown(path, version) }
  }

  var nextDue: Int64? { state.nextDue }

  /// The failures since the last call.
  mutating func takeFailures() -> [WatchError] {
    defer { failures = [] }
    return failures
  }

  /// - Parameter since: a wall time before any of the new dependencies was read.
  mutating func setDependencies(_ paths: Set<String>, since: Int64, at now: Int64) {
    let added = paths.subtracting(dependencies)
    let removed = dependencies.subtracting(paths)
    guard !added.isEmpty || !removed.isEmpty else { return }
    dependencies = paths
    for path in removed where !scripts.contains(path) { state.forget(path) }
    let files = scan()
    for path in added where !state.knows(path) {
      guard let version = files[path] else { continue }
      if version.changed < since { state.setKnown(path, version) }
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

  /// The changes of files that are due to be checked, in the order of paths.
  mutating func takeChanges(at now: Int64) -> [WatchedChange] {
    state.due(at: now).compactMap { state.check($0, FileVersion(of: $0), at: now) }
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
        .folderGone
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

  /// Lists all scripts and dependencies that exist, and watches the folders and links that lead to them, nothing else.
  private mutating func scan() -> [String: FileVersion] {
    let before = map.watches
    map = WatchMap(filter)
    scripts = []
    var failed: Set<WatchError> = []
    for root in roots {
      watchSteps(of: root.path, to: root.path, &failed)
      let listing = ScriptFinder.list(root, filter) { folder in
        watch(folder, for: .content, &failed) { $0.addSearched(folder, $1) }
      }
      for link in listing.links { watchSteps(of: link, to: link, &failed) }
      scripts.formUnion(listing.scripts.map(\.path))
      failed.formUnion(listing.failures.filter { $0.code != .missing })
      failed.formUnion(listing.misfits)
    }
    for path in dependencies { watchSteps(of: path, to: path, &failed) }
    for watch in before.subtracting(map.watches) { inotify.end(watch) }
    failures += failed.subtracting(failing).sorted { $0.description < $1.description }
    failing = failed
    return scripts.union(dependencies).reduce(into: [:]) { $0[$1] = FileVersion(of: $1) }
  }

  /// Watches the folders and links that a path leads through.
  private mutating func watchSteps(
    of path: String, to file: String, _ failed: inout Set<WatchError>
  ) {
    let steps = PathSteps(of: path, in: workingFolder)
    for folder in steps.folders {
      watch(folder, for: .place, &failed) { $0.addCrossed(folder, $1) }
    }
    for name in steps.names {
      let folder = Paths.folder(of: name)
      watch(folder.isEmpty ? "/" : folder, for: .content, &failed) { $0.addCrossed(folder, $1) }
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
      // The folder was removed since it was listed. Its parent is watched, so an event will follow.
      if error.code != .missing { failed.insert(error) }
    }
  }
}
