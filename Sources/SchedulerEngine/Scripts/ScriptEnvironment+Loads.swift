import MoonwheelModel
import ScriptHost

/// What the log, scripts and the embedder are told of a load.
extension ScriptEnvironment {
  /// Logs and publishes that a script was loaded.
  func announce(
    _ loaded: LoadedScript, _ isolate: ScriptIsolate, isReload: Bool, isSame: Bool
  ) {
    resume(isolate.script, reason: "it was loaded anew")
    log.loaded(isolate.name, jobs: loaded.registrations.count, isReload: isReload)
    if !isSimulated { log.warned(loaded.warnings, in: isolate.name) }
    if !isSame { log.warned(loaded.unknownNames, in: isolate.name) }
    if let warning = bus.alarms?.loaded(
      loaded.registrations, at: isolate.source.path ?? isolate.name)
    {
      log.warned([warning], in: isolate.name)
    }
    log.neverFires(
      loaded.registrations, of: isolate.name, at: clock.read().wall)
    bus.publish(
      Event(
        name: isReload ? "script.reloaded" : "script.loaded",
        payload: [
          "script": .string(isolate.name), "jobs": .integer(Int64(loaded.registrations.count)),
        ]))
  }

  /// Logs and publishes that a script does not load, and which version runs.
  func report(_ error: ScriptError, _ version: LastGoodVersion) {
    log.failed(error, version)
    bus.publish(
      Event(
        name: "script.failed",
        payload: ["script": .string(error.script), "error": .string(error.message)]))
  }
}
