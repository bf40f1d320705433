import MoonwheelModel

/// The result of a successful load.
package struct LoadedScript: Sendable {
  package var registrations: [Registration]
  /// Advice that does not fail the load; each begins with its position, as in `a.lua:12: `.
  package var warnings: [String]
  /// Such advice about globals that nothing sets.
  package var unknownNames: [String]
  /// The former names of the script.
  package var formerly: [String] = []
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
  private static let triggerLimit = 1_000

  /// Notes that a script makes the trigger value that is the call's argument.
  static func noteTrigger(_ call: HostCall) {
    let isolate = call.isolate
    guard let load = isolate.loading, load.done != nil, !isolate.environment.isSimulated,
      load.triggers.count < triggerLimit, case .table(let parts) = call[0],
      let word = parts["word"]?.text, let position = isolate.caller()?.position
    else { return }
    isolate.loading?.triggers.insert("\(position) \(word)")
  }
}
