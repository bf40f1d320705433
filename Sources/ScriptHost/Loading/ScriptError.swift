/// Why the host could not load a script or a path.
public struct ScriptError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kind of a ``ScriptError``.
  public enum Code: String, Sendable {
    /// The path does not exist or cannot be read.
    case unreadable
    /// A folder without scripts.
    case empty
    /// The text is not Lua.
    case syntax
    /// The script raised an error during its load.
    case load
    /// It asks for permissions that are not granted.
    case denied
    /// The load took longer than its limit.
    case tooSlow
    /// All scripts together have reached the host's memory cap.
    case memory
    /// Its jobs conflict with each other or exceed a limit.
    case invalid
    /// No such script, job or zone.
    case unknown
  }

  public let code: Code
  /// The script's name or the path; empty where there is none.
  public let script: String
  /// Begins with `script:line:` where the position is known.
  public let message: String
  /// The Lua stack; empty where there is none.
  public let traceback: String

  package init(_ code: Code, script: String, _ message: String, traceback: String = "") {
    self.code = code
    self.script = script
    self.message = message
    self.traceback = traceback
  }

  public var description: String { message }
}
