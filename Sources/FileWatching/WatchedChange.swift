/// A script, or a folder of scripts, that the host runs.
package struct ScriptRoot: Sendable, Hashable {
  /// The path as it was given, without a slash at the end.
  package let path: String

  package init(path: String) {
    var path = Substring(path)
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    self.path = String(path)
  }
}

/// A change of a script, or of a file that a script requires. The path of a script begins with its root's.
package enum WatchedChange: Sendable, Hashable {
  /// The file appeared, or has new content.
  case changed(path: String)
  /// The file has been missing for half a second.
  case gone(path: String)

  package var path: String {
    switch self {
    case .changed(let path), .gone(let path): path
    }
  }
}

/// A file or folder that cannot be listed or watched.
package struct WatchError: Error, Hashable, CustomStringConvertible {
  package enum Code: Sendable, Hashable {
    /// Nothing is at the path.
    case missing
    /// The folder may not be read, or a name in it is not UTF-8.
    case unreadable
    /// A limit of the system was reached; the description says which.
    case limit
    /// Any other refusal of the system.
    case system
  }

  package let code: Code
  /// The file or folder; empty if the failure is about none in particular.
  package let path: String
  package let description: String
}
