import Synchronization
import SystemCalls

/// Where the granted paths of one generation of a script lead: read once, so that a link that is put there afterwards is
/// not followed. Blocks at the first use of a path.
package final class PathPins: Sendable {
  private let known = Mutex<[RawPath: RawPath]>([:])
  private static let limit = 10_000

  package init() {}

  /// The path without links. Of a path that is not there, that of the part which is, with the rest behind it; that is not
  /// kept.
  package func real(of path: RawPath) -> RawPath {
    if let pinned = known.withLock({ $0[path] }) { return pinned }
    if let real = Paths.resolved(path.text).map({ RawPath($0) }) {
      known.withLock { known in
        if known.count < Self.limit { known[path] = real }
      }
      return real
    }
    let (folder, name) = path.split
    return name.isEmpty ? path : real(of: folder).appending(name)
  }
}
