import ArgumentParser
import Moonwheel

/// What all commands that enter Lua take.
struct LuaOptions: ParsableArguments {
  @Flag(
    name: .customLong("allow-unsafe-lua"),
    help:
      "Load scripts although the Lua of this binary has known memory faults (MOONWHEEL_ALLOW_UNSAFE_LUA)."
  )
  var allowUnsafeLua = false

  var allowsUnsafeLua: Bool { allowUnsafeLua || environmentFlag("ALLOW_UNSAFE_LUA") }
}

/// What all commands that load scripts take.
struct ScriptOptions: ParsableArguments {
  @Argument(
    help:
      "A script, or a folder: all *.lua in it, deeply, but for *_test.lua, lib/ and lua_modules/.")
  var paths: [String]

  @Option(
    name: .customLong("tz"),
    help: "The time zone of triggers that name none, as in Europe/Berlin (MOONWHEEL_TZ).")
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
    configuration.timeZone = try Setting("tz", timeZone)?.zone().name
    return configuration
  }

  func inspect() throws -> Inspection {
    do {
      return try Inspection(try configuration())
    } catch let failure as Failure {
      throw failure.report()
    } catch let error as ScriptError {
      throw Failure(message: "moonwheel: \(error)").report()
    } catch {
      throw Failure(message: "moonwheel: \(error)", code: 2).report()
    }
  }
}
