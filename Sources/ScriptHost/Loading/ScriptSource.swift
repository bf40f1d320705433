import MoonwheelModel

/// A script's text and where it came from.
package struct ScriptSource: Sendable {
  /// Path relative to the folder that was given.
  package var name: String
  /// Absolute; nil for a script that was given as text.
  package var path: String?
  /// The folder that was given, absolute.
  package var root: String?
  package var text: [UInt8]
  /// What it requires, where it is not what the files say now: those of the last good version that was stored.
  var stored: StoredSources?

  package init(
    name: String, path: String?, root: String?, text: [UInt8], stored: StoredSources? = nil
  ) {
    self.name = name
    self.path = path
    self.root = root
    self.text = text
    self.stored = stored
  }
}
