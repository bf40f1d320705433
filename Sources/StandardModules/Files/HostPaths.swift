import ScriptHost
import SystemCalls

/// The files of the host itself: no permission for a folder around them covers them; they must be named.
struct HostPaths: Sendable {
  /// Folders of scripts, without links.
  private let folders: [RawPath]
  /// Files that grant permissions, and where links of their names lead.
  private let policies: Set<RawPath>
  /// Of the store, and the beginning of the names beside it.
  private let store: RawPath?

  init(_ configuration: Configuration, store: String?) {
    folders = configuration.paths.map { path in
      let absolute = Paths.absolute(path)
      let real = RawPath(Paths.resolved(absolute) ?? absolute)
      return FileStatus(of: absolute)?.kind == .folder ? real : real.split.folder
    }
    policies = (configuration.permissions.watch?.files ?? []).reduce(into: []) { paths, path in
      paths.insert(RawPath(path))
      if let real = Paths.resolved(path) { paths.insert(RawPath(real)) }
    }
    self.store = store.map { RawPath(Paths.resolved($0) ?? Paths.absolute($0)) }
  }

  private static let state = Array(".moonwheel".utf8)
  private static let policy = Array("moonwheel.policy".utf8)

  /// Whether a path, which has no links, is one of them.
  func contains(_ path: RawPath, forWriting writes: Bool) -> Bool {
    if let store, path.bytes.starts(with: store.bytes) { return true }
    if writes, policies.contains(path) { return true }
    return folders.contains { folder in
      guard let rest = path.rest(beneath: folder) else { return false }
      let parts = rest.bytes.split(separator: UInt8(ascii: "/"))
      if parts.contains(where: { $0.elementsEqual(Self.state) }) { return true }
      guard writes, let name = parts.last else { return false }
      return name.elementsEqual(Self.policy) || name.suffix(4).elementsEqual(".lua".utf8)
    }
  }

  /// Whether a folder of scripts, or a policy, is this folder, or beneath it.
  func holdsScripts(_ folder: RawPath) -> Bool {
    folders.contains { $0.rest(beneath: folder) != nil }
      || policies.contains { $0.rest(beneath: folder) != nil }
  }

  /// Whether a path is in a folder of scripts, so that there may be scripts beneath it.
  func mayHoldScripts(_ path: RawPath) -> Bool {
    folders.contains { path.rest(beneath: $0) != nil }
  }
}
