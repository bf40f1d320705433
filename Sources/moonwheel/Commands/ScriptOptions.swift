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

  func configuration() throws(Failure) -> Configuration {
    try Self.configuration(paths, timeZone)
  }

  static func configuration(
    _ paths: [String], _ timeZone: String?
  ) throws(Failure) -> Configuration {
    var configuration = Configuration(paths: paths)
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
