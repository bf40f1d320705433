import Layers
import MoonwheelTesting
import Testing

@testable import Moonwheel
@testable import ScriptHost

/// Runs a host with scripts on a manual clock during `body`.
func withHost(
  _ scripts: KeyValuePairs<String, String>, _ configuration: Configuration = Configuration(),
  prepare: (Scheduler) throws -> Void = { _ in },
  body: (TestScheduler) async throws -> Void
) async throws {
  let host = try TestScheduler(scripts, configuration: configuration, prepare: prepare)
  do {
    try await body(host)
  } catch {
    await host.stop()
    throw error
  }
  await host.stop()
}

/// The first error of loading a script; nil if it loads.
func loadError(_ script: String, name: String = "a.lua") throws -> String? {
  var configuration = Configuration()
  configuration.texts = [(name: name, source: script)]
  configuration.timeZone = "UTC"
  return try Inspection(configuration).errors.first?.message
}
