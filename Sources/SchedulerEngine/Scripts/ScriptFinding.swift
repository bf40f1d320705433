import Logging
import ScriptHost

/// The result of a search.
package struct ScriptFinding {
  package var scripts: [ScriptSearch.Found] = []
  /// The folders that could not be searched.
  package var failures: [ScriptError] = []
  /// What looks like a script and is none.
  package var misfits: [String] = []
  /// Whether every other script was removed: the paths are folders, and all of them could be searched.
  var isComplete = true
}

extension ScriptFinding {
  /// Logs what a user may not have meant. A host that waits for scripts watches the folders, and its watcher logs the
  /// misfits.
  func warn(_ logger: Logger, waits: Bool) {
    if !waits {
      for misfit in misfits { logger.warning("\(misfit)") }
    }
    if waits, scripts.isEmpty, failures.isEmpty {
      logger.warning(
        "no scripts yet: a script is a file *.lua (not *_test.lua, and not in lib/ or lua_modules/); it is loaded when it comes"
      )
    }
  }
}
