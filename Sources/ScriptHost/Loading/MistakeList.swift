import LuaRuntime
import MoonwheelModel

/// What is wrong with the registrations of a script that is loaded to find that out: each is noted, and the load goes on
/// without it.
package struct MistakeList {
  /// More are not looked for.
  static let most = 100
  /// What stands for a trigger with a mistake.
  static let badTrigger = "a trigger that is none"

  let script: String
  package private(set) var errors: [ScriptError] = []
  private var texts: Set<String> = []

  package init(script: String) { self.script = script }

  /// Whether the load goes on. What a loop does again is told once.
  mutating func note(_ mistake: Mistake, at position: String?) -> Bool {
    guard errors.count < Self.most else { return false }
    let message = position.map { "\($0): \(mistake.text)" } ?? mistake.text
    guard texts.insert(message).inserted else { return true }
    errors.append(ScriptError(.load, script: script, message))
    return true
  }
}
