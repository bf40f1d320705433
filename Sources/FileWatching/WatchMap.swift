/// Which folders are watched and why, and thus what an event means.
struct WatchMap {
  /// The work that an event causes.
  struct Meaning: Equatable {
    enum Rescan: Comparable { case none, structure, everything }

    /// Files to check.
    var touched: Set<String> = []
    /// Files that a program has begun to write.
    var started: Set<String> = []
    /// Whether to list the folders and follow the links again, or even to compare every file.
    var rescan = Rescan.none
  }

  private struct Folder {
    /// The spellings of its path under which it is searched for scripts.
    var searched: Set<String> = []
    /// The spellings of its path under which other paths lead through it.
    var crossed: Set<String> = []
  }

  private let filter: SearchFilter
  private var folders: [WatchID: Folder] = [:]
  /// The files that each step of a path (see ``PathSteps``) leads to.
  private var steps: [String: Set<String>] = [:]

  init(_ filter: SearchFilter) { self.filter = filter }

  var watches: Set<WatchID> { Set(folders.keys) }

  mutating func addSearched(_ folder: String, _ watch: WatchID) {
    folders[watch, default: Folder()].searched.insert(folder)
  }

  /// - Parameter folder: a path without links; `/` is the empty text.
  mutating func addCrossed(_ folder: String, _ watch: WatchID) {
    folders[watch, default: Folder()].crossed.insert(folder)
  }

  mutating func addSteps(_ names: [String], to file: String) {
    for name in names { steps[name, default: []].insert(file) }
  }

  /// One of the spellings of the path that an event is about.
  func path(of watch: WatchID, _ name: String) -> String? {
    guard let folder = folders[watch] else { return nil }
    return (folder.crossed.first ?? folder.searched.first).map { "\($0)/\(name)" }
  }

  mutating func meaning(of event: WatchEvent) -> Meaning {
    if event.kind == .overflow { return Meaning(rescan: .everything) }
    guard let folder = folders[event.watch] else { return Meaning() }
    if event.kind == .ended { folders[event.watch] = nil }
    if event.kind == .ended || event.kind == .folderGone { return Meaning(rescan: .structure) }
    var meaning = Meaning()
    for path in folder.crossed {
      addStep("\(path)/\(event.name)", event.kind, to: &meaning)
    }
    for path in folder.searched {
      addEntry(path == "/" ? "/" + event.name : "\(path)/\(event.name)", event, to: &meaning)
    }
    return meaning
  }

  private func addStep(_ path: String, _ kind: WatchEvent.Kind, to meaning: inout Meaning) {
    guard let files = steps[path] else { return }
    guard kind != .appeared(.newFile) else {
      meaning.started.formUnion(files)
      return
    }
    meaning.touched.formUnion(files)
    if kind != .closed { meaning.rescan = .structure }
  }

  private func addEntry(_ path: String, _ event: WatchEvent, to meaning: inout Meaning) {
    let isScript = filter.lists(fileName: event.name)
    let isSearched = filter.enters(folderName: event.name)
    switch event.kind {
    case .closed, .appeared(.file), .vanished(isFolder: false):
      if isScript { meaning.touched.insert(path) }
    case .appeared(.link):
      if isScript { meaning.touched.insert(path) }
      if isScript || isSearched { meaning.rescan = .structure }
    case .appeared(.folder), .vanished(isFolder: true):
      if isSearched { meaning.rescan = .structure }
    case .appeared(.newFile):
      if isScript { meaning.started.insert(path) }
    case .folderGone, .ended, .overflow:
      break
    }
  }
}
