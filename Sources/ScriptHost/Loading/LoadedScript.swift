import MoonwheelModel
import Permissions

/// The result of a successful load.
package struct LoadedScript: Sendable {
  package var registrations: [Registration]
  /// Advice that does not fail the load; each begins with its position, as in `a.lua:12: `.
  package var warnings: [String]
  /// Such advice about globals that nothing sets.
  package var unknownNames: [String]
  /// The former names of the script.
  package var formerly: [String] = []
  /// What it asks for.
  package var asked = PermissionRequest()
  /// The files of its modules.
  var dependencies: Set<String>
}

/// A load under way: of a new generation, or of the same generation after an eviction.
struct LoadInProgress {
  /// Called once with the result; nil for a load after an eviction.
  var done: (@Sendable (Result<LoadedScript, ScriptError>) -> Void)?
  /// Where the script has made triggers without a function, and by which word: `a.lua:12 every`. At most
  /// ``triggerLimit``.
  var triggers: Set<String> = []
  static let triggerLimit = 1_000
  /// Whether the script has asked for permissions.
  var hasAsked = false
}
