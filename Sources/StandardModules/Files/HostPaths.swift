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

  /// Where the folders of scripts' own are.
  private let files: RawPath?
  /// Of secrets.
  private let secrets: RawPath?

  init(_ configuration: Configuration, store: String?, files: String? = nil) {
    self.files = files.map { RawPath(Paths.resolved($0) ?? Paths.absolute($0)) }
    secrets = configuration.selection.secrets.folder.map {
      RawPath(Paths.resolved($0) ?? Paths.absolute($0))
    }
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
    if let files, path.rest(beneath: files) != nil { return true }
    if let secrets, path.rest(beneath: secrets) != nil { return true }
    if writes, policies.contains(path) || Self.isCode(path.split.name.bytes) { return true }
    return folders.contains { folder in
      guard let rest = path.rest(beneath: folder) else { return false }
      return rest.bytes.split(separator: UInt8(ascii: "/")).contains {
        $0.elementsEqual(Self.state)
      }
    }
  }

  /// Whether some of them are beneath a folder, which has no links. For writing also scripts. Blocks.
  func areBeneath(_ folder: RawPath, forWriting writes: Bool) -> Bool {
    let named = [store, files].compactMap { $0 } + (writes ? Array(policies) + folders : [])
    if named.contains(where: { $0.rest(beneath: folder) != nil }) { return true }
    let state = RawPath(Self.state)
    let places = folders.filter { $0.rest(beneath: folder) != nil }
    let isAmong = folders.contains { folder.rest(beneath: $0) != nil }
    return (places + (isAmong ? [folder] : [])).contains { place in
      state.map { FileStatus(of: place.appending($0).text, followingLinks: false) != nil } == true
    }
  }

  /// Whether a name is one of a script, a module or a policy. Wherever it is: a link among the scripts may lead there, and a
  /// policy in a folder above may be that of the next start.
  private static func isCode(_ name: [UInt8]) -> Bool {
    name.elementsEqual(policy) || name.suffix(4).elementsEqual(".lua".utf8)
  }

  /// Whether a folder of scripts, or a policy, is this folder, or beneath it.
  func holdsScripts(_ folder: RawPath) -> Bool {
    folders.contains { $0.rest(beneath: folder) != nil }
      || policies.contains { $0.rest(beneath: folder) != nil }
  }
}
