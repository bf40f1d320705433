import ScriptHost

/// The Lua that is linked has memory faults that the text of a script can reach, so that no script can be kept in its bounds.
///
/// Thrown by whatever would load scripts, unless ``Configuration/allowsUnsafeLua``.
public struct UnsafeLuaError: Error, Sendable, Hashable, CustomStringConvertible {
  /// Such as "5.4.4".
  public let version: String
  public let faults: String

  public var description: String {
    "the Lua \(version) that is linked has memory faults that a script can reach (\(faults)), so no script is loaded. Build with Lua 5.4.8 or newer (make deps finds one), or accept the danger with --allow-unsafe-lua (in Swift: Configuration.allowsUnsafeLua)"
  }
}
