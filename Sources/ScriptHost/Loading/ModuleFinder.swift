import Glibc
import MoonwheelModel
import Stdlib
import SystemCalls

/// Finds the modules of `require`: first `moonwheel.*`, then files beside the script, in `lib/` beside it, in `lib/` of
/// the configured folder and in its `lua_modules/share/lua/5.4`.
package struct ModuleFinder {
  /// Files that were read: a change of any of them can change the script.
  private(set) var found: Set<String> = []
  /// Paths without a file: a file that appears there can change the script, too.
  private(set) var missed: Set<String> = []
  /// Called when a search has found or missed something new.
  package var onChange: (@Sendable (ModuleFinder) -> Void)?
  package var dependencies: Set<String> { found.union(missed) }
  /// Bounds `missed`: a script may require any number of missing modules.
  private static let missedLimit = 1_000

  /// Found texts, by module.
  private var cache: [String: (text: [UInt8], name: String)] = [:]
  /// Modules of the stored version, used instead of files.
  private let stored: [String: (text: [UInt8], name: String)]
  private let folders: [(path: String, shown: String)]

  init(source: ScriptSource) {
    let pairs = (source.stored?.modules ?? []).map { ($0.name, (text: $0.text, name: $0.chunk)) }
    stored = Dictionary(pairs) { first, _ in first }
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

  private static func join(_ folder: String, _ name: String) -> String {
    folder.isEmpty ? name : folder + "/" + name
  }

  /// The text and the chunk name of a module. With `again` the cached text is used even if the file has changed: an
  /// isolate that is created again after an eviction serves the same generation.
  mutating func find(
    _ module: String, again: Bool
  ) -> Result<(text: [UInt8], name: String), ModuleError> {
    if again, let found = cache[module] { return .success(found) }
    let before = (found.count, missed.count, cache.count)
    let result = stored[module].map { .success($0) } ?? find(module)
    if case .success(let found) = result { cache[module] = found }
    if before != (found.count, missed.count, cache.count) { onChange?(self) }
    return result
  }

  /// The modules that the script has required so far, without the standard library.
  package var byName: [String: StoredSources.Module] {
    var modules: [String: StoredSources.Module] = [:]
    for (name, found) in cache where found.name.hasPrefix("@") {
      modules[name] = StoredSources.Module(name: name, chunk: found.name, text: found.text)
    }
    return modules
  }

  private mutating func find(
    _ module: String
  ) -> Result<(text: [UInt8], name: String), ModuleError> {
    let parts = module.split(separator: ".", omittingEmptySubsequences: false)
    let isName = parts.allSatisfy { part in
      !part.isEmpty && part.utf8.count <= 255
        && part.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") }
    }
    guard isName else {
      return .failure(
        ModuleError(
          text:
            "\"\(module.prefix(80))\" is not the name of a module: names are letters, digits, _ and -, with dots between folders"
        ))
    }
    if parts[0] == "moonwheel" {
      guard let text = Stdlib.module(named: String(module.dropFirst("moonwheel.".count))) else {
        return .failure(ModuleError(text: "the standard library has no module '\(module)' yet"))
      }
      return .success((text, "=\(module)"))
    }
    let file = parts.joined(separator: "/") + ".lua"
    for folder in folders {
      let path = folder.path + "/" + file
      let text: [UInt8]
      do throws(FileError) {
        text = try readFile(path)
      } catch {
        guard !error.isMissing else {
          if missed.count < Self.missedLimit { missed.insert(path) }
          continue
        }
        found.insert(path)
        return .failure(ModuleError(text: "module '\(module)' cannot be read: \(error)"))
      }
      found.insert(path)
      missed.remove(path)
      return .success((text, "@" + Self.join(folder.shown, file)))
    }
    let places = folders.map { Self.join($0.shown, file) }.joined(separator: ", ")
    return .failure(
      ModuleError(
        text:
          "module '\(module)' not found; looked for \(places.isEmpty ? "nothing: the script has no folder" : places)"
      ))
  }
}

/// Why a module could not be loaded.
struct ModuleError: Error {
  var text: String
}
