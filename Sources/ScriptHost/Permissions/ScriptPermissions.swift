import Permissions
import Synchronization
import SystemCalls

/// What one generation of a script has asked for and may do. Its private isolates share it.
package final class ScriptPermissions: Sendable {
  private struct State: Sendable {
    var asked: PermissionSet = [:]
    var grants = Grants.none
  }

  /// The absolute folder of the script's file; of the host for a script given as text.
  let folder: String
  private let state = Mutex(State())

  init(_ source: ScriptSource) {
    let own = source.path.map(Paths.folder(of:)) ?? Paths.workingFolder
    folder = own.isEmpty ? "/" : own
  }

  package var asked: PermissionSet { state.withLock { $0.asked } }

  /// May change at any time.
  package var grants: Grants { state.withLock { $0.grants } }

  /// The script asks, once.
  func ask(_ asked: PermissionSet, _ decision: PermissionDecision) {
    let grants = Grants(
      asked: asked, granted: decision.granted, denied: decision.denied, folder: folder)
    state.withLock { state in
      state.asked = asked
      state.grants = grants
    }
  }
}
