import Permissions

extension FunctionCall {
  /// Whether the script may do this. For files use what reads and writes them: names do not tell where a path leads.
  ///
  /// `wanted` is what an entry of ``PermissionKind`` would be: a name, `host:port`, a path.
  public func allows(_ kind: PermissionKind, _ wanted: String) -> Bool {
    grants.allows(kind, wanted)
  }

  /// Throws a ``Refusal`` with the code `denied` unless the script may do this. The refusal is logged, and an event
  /// `run.denied`, so that a script that looks away loses nothing.
  public func require(_ kind: PermissionKind, _ wanted: String) throws(Refusal) {
    guard allows(kind, wanted) else { throw denial(kind, wanted) }
  }

  /// Records that the script may not do this. For those who check it themselves.
  package func denial(_ kind: PermissionKind, _ wanted: String) -> Refusal {
    Refusal(site.permissions.deny(kind, wanted, site), code: "denied")
  }

  /// What the script may do now.
  package var grants: Grants { site.permissions.grants }

  /// Where the granted paths lead.
  package var pathPins: PathPins { site.permissions.pins }

  /// Where the names of programs led when the script was loaded.
  package var programPins: ProgramPins { site.permissions.programs }

  /// The absolute folder of the script's file; of the host for a script given as text.
  package var folder: String { site.permissions.folder }

  /// Whether the script loads: then nothing may wait.
  public var isLoading: Bool { site.isLoading }
}
