import MoonwheelModel
import Permissions

extension FunctionCall {
  /// Whether the script may do this. For files use what reads and writes them: names do not tell where a path leads.
  public func allows(_ kind: PermissionKind, _ wanted: String) -> Bool {
    grants.allows(kind, wanted)
  }

  /// Throws a ``Refusal`` with the code `denied` unless the script may do this. The refusal is logged and an event
  /// `run.denied`, so that a script that looks away loses nothing.
  public func require(_ kind: PermissionKind, _ wanted: String) throws(Refusal) {
    guard allows(kind, wanted) else { throw denial(kind, wanted) }
  }

  /// Records that the script may not do this. For those who check it themselves.
  package func denial(_ kind: PermissionKind, _ wanted: String) -> Refusal {
    Refusal("this script has no permission \(kind.rawValue) for \(wanted)", code: "denied")
  }

  /// What the script may do now.
  package var grants: Grants { site.permissions.grants }

  /// The absolute folder of the script's file; of the host for a script given as text.
  package var folder: String { site.permissions.folder }

  /// Whether the script loads: then nothing may wait.
  public var isLoading: Bool { site.isLoading }
}

/// Where a call of a Swift function comes from.
struct CallSite: Sendable {
  let permissions: ScriptPermissions
  /// The name of the function, as scripts write it.
  let function: String
  /// The position of the call, as in `a.lua:12`; nil where Lua does not know it.
  let position: String?
  let isLoading: Bool
}
