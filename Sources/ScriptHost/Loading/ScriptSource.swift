import MoonwheelModel

/// A script's text and origin.
package struct ScriptSource: Sendable {
  /// Path relative to the configured folder.
  package var name: String
  /// Absolute; nil for a script given as text.
  package var path: String?
  /// The configured folder, absolute.
  package var root: String?
  package var text: [UInt8]
  /// The modules of the stored last good version, used instead of the files; nil for a version from the files.
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
