import MoonwheelModel

/// What a successful load gives.
package struct LoadedScript: Sendable {
  package var registrations: [Registration]
  /// Advice that does not fail the load; each begins with its place, as in `a.lua:12: `.
  package var warnings: [String]
  /// Files that it required.
  var dependencies: Set<String>
}

/// A load under way: of a new generation, or of the same one anew after an eviction.
struct LoadInProgress {
  /// Told once; nil for a load after an eviction.
  var done: (@Sendable (Result<LoadedScript, ScriptError>) -> Void)?
}
