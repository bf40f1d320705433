import PolicyFile
import SystemCalls

/// Where the policy of one script, or of one folder of scripts, may be.
package struct PolicyPlace: Sendable, Hashable {
  /// The script or the folder, as the user named it.
  private let given: String
  /// As an absolute path.
  package let root: String
  /// Whether the root is a script.
  let isScript: Bool
  /// Absolute paths of policies; the first that exists counts.
  package let candidates: [String]

  /// The policy is beside the scripts. If there is none, one in a folder above is found, so that `check reports/a.lua` tells
  /// what a host of the whole folder grants; but not one of another user.
  package init(of path: String) {
    given = path
    root = Paths.absolute(path)
    isScript = FileStatus(of: root).map { $0.kind != .folder } ?? root.hasSuffix(".lua")
    let own = isScript ? Paths.folder(of: root) : root
    candidates = [own, Self.folderAbove(own)].compactMap { $0.map(Self.file) }
  }

  /// A policy for all scripts, wherever they are.
  init(file: String) {
    given = ""
    root = "/"
    isScript = false
    candidates = [file]
  }

  private static func file(in folder: String) -> String {
    folder == "/" || folder.isEmpty ? "/" + Policy.fileName : folder + "/" + Policy.fileName
  }

  /// The nearest folder above that has a policy of the user whose folder this is, or of the user of this process or of root.
  private static func folderAbove(_ own: String) -> String? {
    guard let owner = FileStatus(of: own)?.owner else { return nil }
    var folder = own
    while !folder.isEmpty, folder != "/" {
      folder = Paths.folder(of: folder)
      guard let policy = FileStatus(of: file(in: folder)) else { continue }
      let isTrusted = [owner, Accounts.current, 0].contains(policy.owner)
      return isTrusted && policy.kind == .file ? folder : nil
    }
    return nil
  }

  /// The policy that counts now; nil if there is none. One that cannot be read counts, and is an error.
  package var present: String? {
    candidates.first { FileStatus(of: $0, followingLinks: false) != nil }
  }

  /// Where `moonwheel allow` makes a policy: beside the scripts, or in the folder above that a host has run, which has a
  /// store.
  package var future: String {
    let own = isScript ? Paths.folder(of: root) : root
    guard isScript else { return Self.file(in: own) }
    var folder = own
    while !folder.isEmpty, folder != "/" {
      if FileStatus(of: folder + "/.moonwheel")?.kind == .folder { return Self.file(in: folder) }
      folder = Paths.folder(of: folder)
    }
    return Self.file(in: own)
  }

  /// The name of a script as a policy writes it: its path below the policy's folder. `script` is that below the root.
  package func name(of script: String, in policy: String) -> String {
    let folder = Paths.folder(of: policy)
    let path = path(of: script)
    return path.hasPrefix(folder + "/") ? String(path.dropFirst(folder.count + 1)) : script
  }

  /// The absolute path of a script.
  package func path(of script: String) -> String {
    isScript ? root : (root == "/" ? "" : root) + "/" + script
  }

  /// The path of a script, as a user who stands in the same folder would type it.
  package func shownPath(of script: String) -> String {
    if isScript { return given }
    return given.hasSuffix("/") ? given + script : given == "." ? script : given + "/" + script
  }

  /// Whether all scripts of the policy that counts are scripts of the root.
  package var isWhole: Bool { !isScript && present != nil && present == candidates.first }

  /// Whether a script of this name is one of the root.
  func has(_ script: String) -> Bool {
    isScript
      ? root.split(separator: "/").last.map(String.init) == script
      : FileStatus(of: path(of: script)) != nil
  }
}
