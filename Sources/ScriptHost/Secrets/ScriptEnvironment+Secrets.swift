import MoonwheelModel

extension ScriptEnvironment {
  package var secrets: GivenSecrets { log.secrets }
}

extension GivenSecrets {
  /// A load that has failed.
  func masked(_ result: Result<LoadedScript, ScriptError>) -> Result<LoadedScript, ScriptError> {
    guard let mask else { return result }
    return result.mapError { error in
      ScriptError(
        error.code, script: error.script, mask.masked(error.message),
        traceback: mask.masked(error.traceback))
    }
  }

  /// Secrets of fewer bytes may be everyday words, such as the name of a user.
  private static let tellingSize = 16

  /// The name of a job, which is not masked: the store finds the job again by it. Throws if it has a secret in it.
  func checkedName(_ name: String?) throws(Mistake) -> String? {
    guard let name, let mask, mask.isIn(Array(name.utf8), atLeast: Self.tellingSize) else {
      return name
    }
    throw Mistake("a secret is in the name of a job, which everybody may read: choose another name")
  }
}
