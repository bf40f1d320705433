import ArgumentParser
import Moonwheel

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

  func configuration() -> Configuration {
    var configuration = Configuration(paths: paths)
    configuration.timeZone = timeZone ?? environment("TZ")
    return configuration
  }

  func inspect() throws -> Inspection {
    do {
      return try Inspection(configuration())
    } catch {
      throw Failure(message: "moonwheel: \(error)").report()
    }
  }
}
