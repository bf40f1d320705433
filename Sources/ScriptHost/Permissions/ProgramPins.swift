import Synchronization
import SystemCalls

/// The files that the names of programs have led to since a script was loaded: a file of the same name that comes into
/// another folder of PATH afterwards is not taken for it. Blocks at the first use of a name.
package final class ProgramPins: Sendable {
  private let known = Mutex<[String: ProgramFile]>([:])
  private static let limit = 1_000

  package init() {}

  /// Nil if there is no such program now. Relative paths begin in `folder`.
  package func file(of name: String, in folder: String) -> ProgramFile? {
    let search = Environment.value(of: "PATH") ?? "/usr/local/bin:/usr/bin:/bin"
    if let pinned = known.withLock({ $0[name] }) {
      // It may have been replaced there by a newer one, as by an upgrade of the system.
      return ProgramFile(pinned.path, in: folder, search: search)
    }
    guard let file = ProgramFile(name, in: folder, search: search) else { return nil }
    known.withLock { known in
      if known.count < Self.limit { known[name] = file }
    }
    return file
  }
}
