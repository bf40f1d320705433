import SystemCalls

/// A script that ``ScriptFinder`` found.
package struct FoundScript: Sendable, Hashable {
  package let path: String
  /// The path below the root; the file's name if the root is the file itself.
  package let name: String
}

/// Decides which files are scripts.
///
/// A root that is a file is a script. In a root that is a folder, every `*.lua` at any depth is one, except tests
/// (`*_test.lua`), modules (in `lib/` and `lua_modules/`), and names that begin with a dot. So the temporary files of
/// editors (`4913`, `job.lua~`, `.#job.lua`, `.job.lua.swp`, `#job.lua#`) are no scripts.
package enum ScriptFinder {
  /// The result of a search.
  package struct Listing: Sendable {
    /// In the order of names.
    package internal(set) var scripts: [FoundScript] = []
    /// The files and folders that could not be read.
    package internal(set) var failures: [WatchError] = []
    /// Entries with the name of a script or a folder that are none: links that lead nowhere, pipes, devices, and names
    /// that are not UTF-8.
    package internal(set) var misfits: [WatchError] = []
    /// The links that the search followed. Swapping one changes the scripts below it.
    var links: [String] = []
  }

  package static func isScript(fileName name: String) -> Bool {
    name.hasSuffix(".lua") && !name.hasSuffix("_test.lua") && !name.hasPrefix(".")
  }

  /// Whether a search enters subfolders of this name.
  package static func isSearched(folderName name: String) -> Bool {
    !name.hasPrefix(".") && name != "lib" && name != "lua_modules"
  }

  /// Lists the scripts of a root, and its test files too if `withTests` is true. A missing root is a failure in the
  /// listing.
  package static func list(_ root: ScriptRoot, withTests: Bool = false) -> Listing {
    list(root, SearchFilter(tests: withTests), entering: { _ in })
  }

  /// - Parameter entering: called with each folder before it is read. A watch that it sets sees the files that come too
  ///   late for the reading.
  static func list(
    _ root: ScriptRoot, _ filter: SearchFilter, entering: (String) -> Void
  ) -> Listing {
    guard let status = FileStatus(of: root.path) else {
      return Listing(failures: [
        WatchError(
          code: .missing, path: root.path,
          description: "\(root.path): no such script or folder, or it may not be reached")
      ])
    }
    guard status.kind == .folder else {
      let name = root.path.split(separator: "/").last.map(String.init) ?? root.path
      return Listing(scripts: [FoundScript(path: root.path, name: name)])
    }
    var search = FolderSearch(root: root.path, filter)
    search.run(entering: entering)
    search.listing.scripts.sort { $0.name < $1.name }
    return search.listing
  }
}

/// Which files a search lists besides scripts.
struct SearchFilter: Sendable {
  /// Whether to list the files that hold tests.
  var tests = false
  /// Whether to search the folders of modules as well, and thus to list modules.
  var modules = false

  func lists(fileName name: String) -> Bool {
    ScriptFinder.isScript(fileName: name)
      || tests && name.hasSuffix("_test.lua") && !name.hasPrefix(".")
  }

  func enters(folderName name: String) -> Bool {
    ScriptFinder.isSearched(folderName: name) || modules && !name.hasPrefix(".")
  }
}

/// Walks a tree. It reads each folder once, and prefers a folder's own name to a link, so circles of links and several
/// paths to one folder do no harm.
private struct FolderSearch {
  private let prefix: Int
  private let filter: SearchFilter
  private var folders: [String]
  private var linkedFolders: [String] = []
  private var seen: Set<FileIdentity> = []
  var listing = ScriptFinder.Listing()

  init(root: String, _ filter: SearchFilter) {
    self.filter = filter
    folders = [root]
    prefix = root == "/" ? 1 : root.utf8.count + 1
  }

  mutating func run(entering: (String) -> Void) {
    while let folder = folders.popLast() ?? linkedFolders.popLast() {
      guard isNew(folder) else { continue }
      entering(folder)
      do throws(SystemCallError) {
        let entries = try FolderEntries.all(in: folder)
        let prefix = folder == "/" ? "/" : folder + "/"
        for name in entries.names { add(name, path: prefix + name) }
        // Whether such an entry is a folder is not known, as no path leads to it.
        for name in entries.misspelt where !name.hasPrefix(".") {
          note(prefix + name, "the name is not UTF-8, so nothing of it is read; rename it")
        }
      } catch {
        let failure = WatchError(path: folder, systemCode: error.code)
        // A folder that was removed during the walk is not a failure.
        if failure.code != .missing { listing.failures.append(failure) }
      }
    }
  }

  private mutating func isNew(_ folder: String) -> Bool {
    guard let status = FileStatus(of: folder) else { return false }
    return seen.insert(status.identity).inserted
  }

  private mutating func add(_ name: String, path: String) {
    let isListed = filter.lists(fileName: name)
    guard isListed || filter.enters(folderName: name),
      let entry = FileStatus(of: path, followingLinks: false)
    else { return }
    let isLink = entry.kind == .link
    if isLink { listing.links.append(path) }
    let target: FileStatus
    do throws(SystemCallError) {
      target = isLink ? try FileStatus(reading: path) : entry
    } catch {
      if isListed { note(path, "the link cannot be followed: \(error.reason)") }
      return
    }
    switch target.kind {
    case .file where isListed:
      let name = String(decoding: path.utf8.dropFirst(prefix), as: UTF8.self)
      listing.scripts.append(FoundScript(path: path, name: name))
    case .folder where filter.enters(folderName: name):
      if isLink { linkedFolders.append(path) } else { folders.append(path) }
    case .other where isListed: note(path, "this is no regular file, so it is not read")
    case .file, .folder, .link, .other:
      break
    }
  }

  private mutating func note(_ path: String, _ reason: String) {
    listing.misfits.append(
      WatchError(code: .system, path: path, description: "\(path): \(reason)"))
  }
}
