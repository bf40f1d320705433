import MoonwheelModel

/// Collects the bad registrations of a script, so that `check` shows them all: the load continues without each.
package struct MistakeList {
  /// The load fails at the next mistake after this many.
  static let limit = 100
  /// The text of a trigger value that replaces one with a mistake.
  static let badTrigger = "a trigger that is none"

  let script: String
  package private(set) var errors: [ScriptError] = []
  private var texts: Set<String> = []

  package init(script: String) { self.script = script }

  /// Adds a mistake, once per text and position. Returns whether the load may continue.
  mutating func add(_ mistake: Mistake, at position: String?) -> Bool {
    guard errors.count < Self.limit else { return false }
    let message = position.map { "\($0): \(mistake.text)" } ?? mistake.text
    guard texts.insert(message).inserted else { return true }
    errors.append(ScriptError(.load, script: script, message))
    return true
  }
}
