import Glibc

/// The file that the name of a program leads to.
package struct ProgramFile: Sendable, Hashable {
  /// Absolute, the folder without links. The last name may be one: some programs do what the name says by which they are
  /// started.
  package let path: String
  package let identity: FileIdentity

  /// A name without a slash is looked up in `search`, folders with colons between them, of which only absolute ones count;
  /// one with a slash begins in `folder`. Nil if there is no such program. Blocks.
  package init?(_ name: String, in folder: String, search: String) {
    let candidates =
      name.contains("/")
      ? [name.hasPrefix("/") ? name : folder + "/" + name]
      : search.split(separator: ":").filter { $0.hasPrefix("/") }.map { "\($0)/\(name)" }
    for candidate in candidates {
      guard let status = FileStatus(of: candidate), status.kind == .file,
        FileNames.isExecutable(candidate), let path = Self.withoutFolderLinks(candidate)
      else { continue }
      self.path = path
      identity = status.identity
      return
    }
    return nil
  }

  private static func withoutFolderLinks(_ path: String) -> String? {
    guard let slash = path.lastIndex(of: "/") else { return nil }
    let name = path[path.index(after: slash)...]
    // `..` at the end is a folder, and no program.
    return Paths.resolved(String(path[...slash])).map { ($0 == "/" ? "" : $0) + "/" + name }
  }

  /// Where names lie that decide what is run under a path: each link on the way, and the file. Nil if the path leads
  /// nowhere. Blocks.
  package static func places(on path: String) -> [String]? {
    var rest = Array(path.split(separator: "/").map(String.init).reversed())
    var (here, places, links) = ("", [String](), 0)
    while let name = rest.popLast() {
      switch name {
      case ".": continue
      case "..": here = Paths.folder(of: here)
      default:
        let next = here + "/" + name
        guard let status = FileStatus(of: next, followingLinks: false) else { return nil }
        guard status.kind == .link else {
          here = next
          continue
        }
        links += 1
        guard links <= 40, let target = Paths.target(ofLink: next) else { return nil }
        places.append(next)
        if target.hasPrefix("/") { here = "" }
        rest += target.split(separator: "/").map(String.init).reversed()
      }
    }
    return places + [here.isEmpty ? "/" : here]
  }
}
