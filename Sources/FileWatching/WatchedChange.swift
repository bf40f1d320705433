/// A place that the host was told to take scripts from: one script, or a folder of them.
public struct ScriptRoot: Sendable, Hashable {
  /// As it was given, without a slash at the end.
  public let path: String

  public init(path: String) {
    var path = Substring(path)
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    self.path = String(path)
  }
}

/// What became of a script, or of a file that a script requires. Paths begin as their root does.
public enum WatchedChange: Sendable, Hashable {
  /// It appeared, or has new content.
  case changed(path: String)
  /// It has been missing for half a second.
  case gone(path: String)

  public var path: String {
    switch self {
    case .changed(let path), .gone(let path): path
    }
  }
}

/// A file or folder that cannot be listed or watched.
public struct WatchError: Error, Hashable, CustomStringConvertible {
  public enum Code: Sendable, Hashable {
    /// Nothing is at the path.
    case missing
    /// The folder may not be read, or a name in it is not UTF-8.
    case unreadable
    /// A limit of the system is reached; the description says which.
    case limit
    /// Any other refusal of the system.
    case system
  }

  public let code: Code
  /// The file or folder in question; empty where it is none in particular.
  public let path: String
  public let description: String
}
