import ModuleKit
import Permissions
import ScriptHost
import SystemCalls

/// A folder or file beneath which a script may do something, and what is to be found beneath it.
struct FileRoot: Sendable {
  /// Absolute, as it was granted.
  let path: RawPath
  /// Of the script's own: nothing there is denied, and its size is bounded.
  let own: OwnFolder?
  /// From `path` on; empty for the root itself.
  var rest: RawPath

  var isNamed: Bool { rest.isEmpty }
}

/// A path that a script has named, with what may lead there.
struct FilePlace: Sendable {
  /// As the script wrote it.
  let shown: String
  /// Absolute, without `.` and `..`.
  let path: RawPath
  let kind: PermissionKind
  /// The widest one first; not empty.
  let roots: [FileRoot]
  let grants: Grants
  let pins: PathPins

  /// The place of a name in this folder.
  func appending(_ name: RawPath, shown: String) -> FilePlace {
    let roots = roots.map { root in
      FileRoot(path: root.path, own: root.own, rest: root.rest.appending(name))
    }
    return FilePlace(
      shown: shown, path: path.appending(name), kind: kind, roots: roots, grants: grants,
      pins: pins)
  }

  /// Whether a rule denies a path, which is absolute.
  func isDenied(_ path: RawPath) -> Bool {
    grants.denies(kind, path: path.text) || kind == .write && grants.denies(.read, path: path.text)
  }
}

extension FilePlace {
  /// Nil if nothing is granted there, or a rule denies the path as it is written.
  init?(
    _ given: RawPath, in folder: String, for kind: PermissionKind, _ grants: Grants,
    _ pins: PathPins,
    own: [OwnFolder] = []
  ) {
    let path = given.absolute(in: RawPath(folder))
    let granted = kind == .read ? grants.roots(.read) + grants.roots(.write) : grants.roots(.write)
    var roots = own.compactMap { folder in
      path.rest(beneath: folder.path).map { FileRoot(path: folder.path, own: folder, rest: $0) }
    }
    let isOwn = !roots.isEmpty
    if !isOwn {
      roots = granted.compactMap { root in
        let root = RawPath(root)
        return path.rest(beneath: root).map { FileRoot(path: root, own: nil, rest: $0) }
      }
      roots.sort { $0.path.bytes.count < $1.path.bytes.count }
    }
    self.init(
      shown: given.text, path: path, kind: kind, roots: roots, grants: grants, pins: pins)
    if roots.isEmpty || !isOwn && isDenied(path) { return nil }
  }
}

extension FunctionCall {
  /// Where a path leads that the script has passed. Throws the refusal if nothing is granted there.
  func place(
    _ index: Int, _ what: String = "the path", for kind: PermissionKind, own: [OwnFolder]
  ) throws -> FilePlace {
    try place(path(index, what), for: kind, own: own)
  }

  func place(
    _ given: RawPath, for kind: PermissionKind, own: [OwnFolder]
  ) throws -> FilePlace {
    let place = FilePlace(given, in: folder, for: kind, grants, pathPins, own: own)
    guard let place else { throw denial(kind, given.text) }
    return place
  }

  /// A path among the arguments, counted from 0.
  func path(_ index: Int, _ what: String = "the path") throws -> RawPath {
    let bytes: [UInt8]
    switch arguments[index] {
    case .string(let text): bytes = Array(text.utf8)
    case .bytes(let raw): bytes = raw
    default:
      throw FileMistake("\(what) must be a string, not \(arguments[index].described)")
    }
    guard !bytes.isEmpty else { throw FileMistake("\(what) is empty") }
    guard let path = RawPath(bytes) else {
      throw FileMistake("\(what) has a byte 0 in it, which no name can have")
    }
    guard bytes.count < 4_096 else {
      throw Refusal(
        "\(what) has \(bytes.count) bytes; the system takes 4,095 at most",
        code: FileFailure.Code.tooLarge.rawValue)
    }
    return path
  }
}
