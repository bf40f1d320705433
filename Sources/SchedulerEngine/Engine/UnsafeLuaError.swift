import ScriptHost

/// The linked Lua has memory faults that a script can trigger, so no script can be contained.
///
/// Everything that loads scripts throws it, unless ``Configuration/allowsUnsafeLua`` is set.
public struct UnsafeLuaError: Error, Sendable, Hashable, CustomStringConvertible {
  /// For example "5.4.4".
  public let version: String
  /// The faults in words.
  public let faults: String

  public var description: String {
    "Lua \(version), which this program links, has memory faults that a script can trigger (\(faults)), so no script is loaded. Build with Lua 5.4.8 or newer (make deps finds one), or accept the danger with --allow-unsafe-lua (in Swift: Configuration.allowsUnsafeLua)"
  }
}
