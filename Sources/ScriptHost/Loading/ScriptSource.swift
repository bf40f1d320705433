import LuaSyntax
import MoonwheelModel

extension SourceText {
  /// A message of Lua about a text that it does not compile, or a better one if a single character is the reason.
  static func explain(_ message: String, _ text: [UInt8], name: String) -> String {
    problem(in: text).map { "\(name):\($0.line): \($0.message)" } ?? message
  }
}

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
    self.text = SourceText.stripped(text)
    self.stored = stored
  }

  /// The error of a text that does not compile; `message` is what Lua says of it.
  func syntaxError(_ message: String) -> ScriptError {
    ScriptError(.syntax, script: name, SourceText.explain(message, text, name: name))
  }
}
