/// An entry of ``PermissionKind/read``, ``PermissionKind/write`` or ``PermissionKind/unix``: a file, or a folder with
/// all beneath it. Relative to the folder of the script.
enum PathEntry {
  /// Throws what is wrong with the entry.
  static func check(_ text: String) throws(EntryProblem) {
    if text.hasPrefix("~") {
      throw EntryProblem("~ means nothing here: write the whole path, as in \"/home/ann/inbox\"")
    }
    if text.contains("*") {
      throw EntryProblem(
        "there are no patterns of paths: name the folder, and all beneath it is meant")
    }
    if text.contains("://") { throw EntryProblem("this is a URL, and not a path") }
  }

  /// Absolute, without `.`, `..` and a slash at the end.
  static func absolute(_ path: String, in folder: String) -> String {
    var parts: [Substring] = []
    let full = path.hasPrefix("/") ? path : folder + "/" + path
    for part in full.split(separator: "/") where part != "." {
      if part == ".." { _ = parts.popLast() } else { parts.append(part) }
    }
    return parts.isEmpty ? "/" : parts.reduce(into: "") { $0 += "/" + $1 }
  }

  /// Whether an absolute path is a root or beneath it. By parts: `/inbox` is not beneath `/in`.
  static func isBeneath(_ path: String, _ root: String) -> Bool {
    root == "/" || path == root || path.utf8.starts(with: (root + "/").utf8)
  }

  /// As a script would write it: relative if it is beneath the folder.
  static func short(_ path: String, in folder: String) -> String {
    let full = absolute(path, in: folder)
    guard full != folder else { return "." }
    guard folder != "/", isBeneath(full, folder) else { return full }
    return String(full.dropFirst(folder.count + 1))
  }
}
