/// Why a script, or a path, could not be loaded.
public struct ScriptError: Error, Sendable, Hashable, CustomStringConvertible {
  public enum Code: String, Sendable {
    /// The path does not exist or cannot be read.
    case unreadable
    /// A folder without scripts.
    case empty
    /// The text is not Lua.
    case syntax
    /// An error raised while it was loaded.
    case load
    /// Loading it took longer than the limit.
    case tooSlow
    /// All scripts together are at the memory cap of the host.
    case memory
    /// Its jobs do not fit with each other or with the limits.
    case invalid
    /// No such script, job or zone.
    case unknown
  }

  public let code: Code
  /// The script's name or the path; empty where there is none.
  public let script: String
  /// Starts with `script:line:` where a place in the script is known.
  public let message: String
  /// The Lua stack; empty where there is none.
  public let traceback: String

  public init(_ code: Code, script: String, _ message: String, traceback: String = "") {
    self.code = code
    self.script = script
    self.message = message
    self.traceback = traceback
  }

  public var description: String { message }
}
