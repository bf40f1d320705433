/// A script's text and where it came from.
struct ScriptSource: Sendable {
  /// Path relative to the folder that was given.
  var name: String
  /// Absolute; nil for a script that was given as text.
  var path: String?
  /// The folder that was given, absolute.
  var root: String?
  var text: [UInt8]
}
