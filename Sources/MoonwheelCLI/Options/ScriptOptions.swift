import ArgumentParser
import Moonwheel

/// The flags of commands that enter Lua.
struct LuaOptions: ParsableArguments {
  @Flag(
    name: .customLong("allow-unsafe-lua"),
    help:
      "Load scripts although the Lua of this binary has known memory faults (MOONWHEEL_ALLOW_UNSAFE_LUA)."
  )
  var allowUnsafeLua = false

  var allowsUnsafeLua: Bool { allowUnsafeLua || environmentFlag("ALLOW_UNSAFE_LUA") }
}

/// The arguments of commands that load scripts.
struct ScriptOptions: ParsableArguments {
  @Argument(
    help:
      "A script, or a folder: all *.lua in it, deeply, but for *_test.lua, lib/ and lua_modules/.",
    completion: .script)
  var paths: [String]

  @Option(
    name: .customLong("tz"),
    help: ArgumentHelp(RunOption.timeZone.help), completion: .timeZone)
  var timeZone: String?

  @OptionGroup var lua: LuaOptions

  func configuration() throws(Failure) -> Configuration {
    try Self.configuration(paths, timeZone, allowsUnsafeLua: lua.allowsUnsafeLua)
  }

  static func configuration(
    _ paths: [String], _ timeZone: String?, allowsUnsafeLua: Bool
  ) throws(Failure) -> Configuration {
    var configuration = Configuration(paths: paths)
    configuration.allowsUnsafeLua = allowsUnsafeLua
    // Who runs jobs outside a simulation replaces this. Else a script that asks for what is not granted has no mistake.
    configuration.permissions = .trial
    configuration.timeZone = try Setting("tz", timeZone)?.zone().name
    return configuration
  }
}
