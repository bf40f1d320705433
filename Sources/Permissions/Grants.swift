/// What one script may do: what it has asked for, as far as that is granted and not denied.
package struct Grants: Sendable {
  /// Nothing but what cannot hurt.
  package static let none = Grants()

  /// The folder of the script: relative paths begin there.
  private let folder: String
  private let asked: PermissionSet
  private let granted: PermissionSet
  private let denied: PermissionSet

  package init(
    asked: PermissionSet = [:], granted: PermissionSet = [:], denied: PermissionSet = [:],
    folder: String = "/"
  ) {
    self.asked = asked
    self.granted = granted
    self.denied = denied
    self.folder = folder
  }

  /// Whether the script may use a name. For ``PermissionKind/kv`` the keys that begin with `self.` are its own.
  package func allows(_ kind: PermissionKind, _ wanted: String) -> Bool {
    if kind == .kv, wanted.hasPrefix("self.") { return true }
    return !denied[kind].contains { Glob($0).matches(wanted) }
      && asked[kind].contains { Glob($0).matches(wanted) }
      && granted[kind].contains { Glob($0).matches(wanted) }
  }

  /// For `.read` and `.write`: absolute paths without `.` and `..`, beneath which all is granted.
  package func roots(_ kind: PermissionKind) -> [String] {
    asked[kind].map { Self.absolute($0, in: folder) }
  }

  /// Whether a path, which is absolute and has no links in it, is denied.
  package func denies(_ kind: PermissionKind, path: String) -> Bool {
    denied[kind].contains { entry in
      let root = Self.absolute(entry, in: folder)
      return path == root || path.hasPrefix(root == "/" ? "/" : root + "/")
    }
  }

  private static func absolute(_ path: String, in folder: String) -> String {
    var parts: [Substring] = []
    let full = path.hasPrefix("/") ? path : folder + "/" + path
    for part in full.split(separator: "/") where part != "." {
      if part == ".." { _ = parts.popLast() } else { parts.append(part) }
    }
    return parts.isEmpty ? "/" : parts.reduce(into: "") { $0 += "/" + $1 }
  }
}
