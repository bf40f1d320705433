import MoonwheelModel

/// What a successful load gives.
package struct LoadedScript: Sendable {
  package var registrations: [Registration]
  /// Files that it required.
  var dependencies: Set<String>
}

/// A load under way: of a new generation, or of the same one anew after an eviction.
struct LoadInProgress {
  /// Told once; nil for a load after an eviction.
  var done: (@Sendable (Result<LoadedScript, ScriptError>) -> Void)?
}
