import Glibc
import MoonwheelModel
import Stdlib
import SystemCalls
import Triggers

/// Finds the modules of `require`: first `moonwheel.*`, then files beside the script, in `lib/` beside it, in `lib/` of
/// the configured folder and in its `lua_modules/share/lua/5.4`.
package struct ModuleFinder {
  /// Files that were read: a change of any of them can change the script.
  private(set) var found: Set<String> = []
  /// Paths without a file: a file that appears there can change the script, too.
  private(set) var missed: Set<String> = []
  /// Files that the script has read while it loaded, there or not: a change of any of them can change it, too.
  private var read: Set<String> = []
  /// Called when a search has found or missed something new.
  package var onChange: (@Sendable (ModuleFinder) -> Void)?
  package var dependencies: Set<String> { found.union(missed).union(read) }
  /// Bounds `missed`: a script may require any number of missing modules.
  private static let missedLimit = 1_000
  static let longestName = 1_000

  /// Found modules by name. A module that is not of the standard library has a chunk name that begins with `@`; the others
  /// have that of the prelude, so that tracebacks leave out their frames and positions are the script's own.
  private var cache: [String: StoredSources.Module] = [:]
  /// Modules of the stored version, used instead of files.
  private let stored: [String: StoredSources.Module]
  private let folders: [(path: String, shown: String)]

  init(source: ScriptSource) {
    let modules = source.stored?.modules ?? []
    stored = Dictionary(modules.map { ($0.name, $0) }) { first, _ in first }
    guard let path = source.path else {
      folders = []
      return
    }
    let beside = Paths.folder(of: path)
    let root = source.root ?? beside
    let shownBeside = Paths.folder(of: source.name)
    var folders = [
      (beside, shownBeside), (beside + "/lib", Self.join(shownBeside, "lib")),
      (root + "/lib", "lib"), (root + "/lua_modules/share/lua/5.4", "lua_modules/share/lua/5.4"),
    ]
    if beside == root { folders.remove(at: 2) }
    self.folders = folders
  }

  /// The script has read the file at an absolute path. Beyond ``missedLimit`` files, changes go unnoticed.
  mutating func watch(_ path: String) {
    if read.count < Self.missedLimit { read.insert(path) }
  }

  private static func join(_ folder: String, _ name: String) -> String {
    folder.isEmpty ? name : folder + "/" + name
  }

  /// For an isolate of whose searches nobody wants to hear.
  var withoutObserver: ModuleFinder {
    var finder = self
    finder.onChange = nil
    return finder
  }

  /// With `again` the cached text is used even if the file has changed: an isolate that is created again after an
  /// eviction serves the same generation.
  mutating func find(_ module: String, again: Bool) throws(Mistake) -> StoredSources.Module {
    if again, let found = cache[module] { return found }
    let before = (found.count, missed.count, cache.count)
    defer { if before != (found.count, missed.count, cache.count) { onChange?(self) } }
    let result = if let stored = stored[module] { stored } else { try find(module) }
    cache[module] = result
    return result
  }

  /// The modules that the script has required so far, without the standard library.
  package var byName: [String: StoredSources.Module] {
    cache.filter { $0.value.chunk.hasPrefix("@") }
  }

  private static func missing(_ name: String) -> Mistake {
    let near = Spelling.nearest(to: name, in: Stdlib.modules)
    let advice = near.map { "did you mean moonwheel.\($0)?" }
    let list = Stdlib.modules.joined(separator: ", ")
    return Mistake(
      "moonwheel.\(name) is not part of this version of Moonwheel; "
        + (advice ?? "there are \(list), and the global tables, such as fs"))
  }

  private mutating func find(_ module: String) throws(Mistake) -> StoredSources.Module {
    let parts = module.split(separator: ".", omittingEmptySubsequences: false)
    let isName = parts.allSatisfy { part in
      !part.isEmpty && part.utf8.count <= 255
        && part.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") }
    }
    guard isName else {
      throw Mistake(
        "\"\(module.prefix(80))\" is not the name of a module: names are letters, digits, _ and -, with dots between folders"
      )
    }
    if parts[0] == "moonwheel" {
      let name = String(module.dropFirst("moonwheel.".count))
      guard let text = Stdlib.module(named: name) else { throw Self.missing(name) }
      return StoredSources.Module(name: module, chunk: "=moonwheel", text: text)
    }
    let file = parts.joined(separator: "/") + ".lua"
    for folder in folders {
      let path = folder.path + "/" + file
      do throws(FileError) {
        let text = try readFile(path)
        found.insert(path)
        missed.remove(path)
        return StoredSources.Module(
          name: module, chunk: "@" + Self.join(folder.shown, file), text: text)
      } catch {
        guard error.isMissing else {
          found.insert(path)
          throw Mistake("module '\(module)' cannot be read: \(error)")
        }
        if missed.count < Self.missedLimit { missed.insert(path) }
      }
    }
    let places = folders.map { Self.join($0.shown, file) }.joined(separator: ", ")
    throw Mistake(
      "module '\(module)' not found; looked for \(places.isEmpty ? "nothing: the script has no folder" : places)"
    )
  }
}
