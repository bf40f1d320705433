import LuaRuntime

/// Which Moonwheel this is.
public enum Version {
  public static let number = "0.1.0"

  /// The Lua that is linked: `Lua 5.4.8`.
  public static var lua: String { "Lua " + LinkedLua.version }
}
