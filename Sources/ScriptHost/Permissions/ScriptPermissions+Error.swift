import MoonwheelModel

extension ScriptPermissions {
  /// The error of a load that has failed.
  func error(_ failure: RunFailure) -> ScriptError {
    ScriptError(
      problem == nil ? .load : .denied, script: script, failure.message,
      traceback: problem == nil ? failure.traceback : "")
  }
}
