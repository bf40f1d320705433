import Glibc

/// Paths, and the answers of the system about them.
///
/// Safe because the system fills in an array whose length it is told, or allocates the answer, which is copied and
/// freed here.
package enum Paths {
  /// The path from the root of the file system, without `.` and `..`; links stay as they are.
  package static func absolute(_ path: String) -> String {
    var parts: [Substring] = []
    let full = path.hasPrefix("/") ? path : workingFolder + "/" + path
    for part in full.split(separator: "/") where part != "." {
      if part == ".." {
        _ = parts.popLast()
      } else {
        parts.append(part)
      }
    }
    // joined() would load much of the runtime at its first use.
    return parts.isEmpty ? "/" : parts.reduce(into: "") { $0 += "/" + $1 }
  }

  /// The part before the last slash; empty if there is none.
  package static func folder(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
  }

  /// The process's working folder; `/` if it was removed.
  package static var workingFolder: String {
    guard let path = unsafe getcwd(nil, 0) else { return "/" }
    defer { unsafe free(path) }
    return unsafe String(cString: path)
  }

  /// The path with every link replaced by its target; nil if it leads nowhere.
  package static func resolved(_ path: String) -> String? {
    guard let resolved = unsafe realpath(path, nil) else { return nil }
    defer { unsafe free(resolved) }
    return unsafe String(cString: resolved)
  }

  /// The text of a symbolic link; nil if the path is none, or the text is not UTF-8.
  package static func target(ofLink path: String) -> String? {
    var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = unsafe readlink(path, &bytes, bytes.count)
    return count > 0 ? String(validating: bytes.prefix(count), as: UTF8.self) : nil
  }
}
