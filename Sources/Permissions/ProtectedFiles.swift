/// The files that decide what scripts do and may do: scripts, their modules, policies and the host's store. A permission to
/// write a folder above them does not open them: only one that names the file itself does.
package struct ProtectedFiles: Sendable, Hashable {
  /// The name of a policy, in whatever folder.
  private static let policyName = "moonwheel.policy"
  private static let storeFolder = ".moonwheel"

  /// The folders of scripts, and single scripts, of the host: absolute, without links.
  private let roots: [String]
  /// Further files, such as the policies that links lead to: absolute, without links.
  private let files: Set<String>

  package init(roots: [String], files: Set<String> = []) {
    self.roots = roots
    self.files = files
  }

  /// Whether a path is protected: call it with that of the file or folder that a call would create, change, replace, rename
  /// or remove, absolute and without links, and for a rename with both.
  ///
  /// A folder above scripts is protected: it can be neither moved nor removed. Of a folder among the scripts, remove what is in
  /// it one by one, and ask for each.
  ///
  /// - Parameter isMovedFolder: whether a folder is renamed, with all that is in it, from or to this path.
  package func has(_ path: String, isMovedFolder: Bool = false) -> Bool {
    if files.contains(path) || name(path) == Self.policyName { return true }
    for root in roots {
      // A folder above the scripts, or theirs.
      if PathEntry.isBeneath(root, path) { return true }
      guard PathEntry.isBeneath(path, root) else { continue }
      if path.utf8.starts(with: (root + "/" + Self.storeFolder).utf8) { return true }
      if isMovedFolder || path.hasSuffix(".lua") { return true }
    }
    return false
  }

  private func name(_ path: String) -> Substring { path.split(separator: "/").last ?? "" }
}

extension Grants {
  /// Whether the script may change a file that is protected, since an entry of `write` that is granted names the file
  /// itself, and the script asks for it.
  package func mayChange(protected path: String) -> Bool {
    allows(.write, path) && (granted[.write] ?? []).contains(.path(path))
  }
}
