import ModuleKit
import Synchronization
import SystemCalls

/// The files of a simulation: what is granted is read from the disk, and what is written is kept in memory over it.
final class OverlayFiles: FileBackend {
  private enum Node {
    case file([UInt8], modified: Int64)
    /// Whatever the disk has there is hidden.
    case folder(modified: Int64)
    case gone
  }

  private enum Answer {
    case node(Node)
    case disk
    case failure(FileFailure)
  }

  private struct State {
    var nodes: [RawPath: Node] = [:]
    var bytes = 0

    mutating func set(_ path: RawPath, _ node: Node) throws(FileFailure) {
      let old = nodes[path].map(OverlayFiles.size) ?? 0
      let sum = bytes - old + OverlayFiles.size(node)
      guard nodes[path] != nil || nodes.count < OverlayFiles.nodeLimit,
        sum <= OverlayFiles.byteLimit
      else {
        throw .refused(
          .noSpace,
          "a simulation keeps \(OverlayFiles.nodeLimit) files of \(Bytes.text(OverlayFiles.byteLimit)) in all"
        )
      }
      nodes[path] = node
      bytes = sum
    }

    mutating func forget(beneath path: RawPath) {
      for key in nodes.keys where key != path && key.rest(beneath: path) != nil {
        bytes -= nodes.removeValue(forKey: key).map(OverlayFiles.size) ?? 0
      }
    }
  }

  private static let byteLimit = 64 << 20
  private static let nodeLimit = 20_000

  private static func size(_ node: Node) -> Int {
    if case .file(let bytes, _) = node { bytes.count + 64 } else { 64 }
  }

  private let disk: DiskFiles
  private let host: HostPaths
  /// Nanoseconds since 1970.
  private let now: @Sendable () -> Int64
  private let state = Mutex(State())

  init(_ host: HostPaths, now: @escaping @Sendable () -> Int64) {
    self.host = host
    disk = DiskFiles(host: host)
    self.now = now
  }

  // MARK: What is there

  private func find(_ place: FilePlace) -> Answer {
    let isOwn = place.roots.contains { $0.own != nil }
    return state.withLock { state in
      if let node = state.nodes[place.path] { return .node(node) }
      var path = place.path
      while path != .root {
        path = path.split.folder
        switch state.nodes[path] {
        case .gone?, .folder?: return .node(.gone)
        case .file?: return .failure(.refused(.notDir, "a part of the path is a file"))
        case nil: continue
        }
      }
      let isOwnRoot = place.roots.contains { $0.own != nil && $0.isNamed }
      return isOwn ? .node(isOwnRoot ? .folder(modified: 0) : .gone) : .disk
    }
  }

  private static let missing = FileFailure.refused(.missing, "No such file or directory")

  func facts(of place: FilePlace, followingLinks: Bool) throws(FileFailure) -> FileFacts {
    switch find(place) {
    case .disk: return try disk.facts(of: place, followingLinks: followingLinks)
    case .failure(let failure): throw failure
    case .node(.gone): throw Self.missing
    case .node(.folder(let modified)): return FileFacts(size: 0, modified: modified, kind: .dir)
    case .node(.file(let bytes, let modified)):
      return FileFacts(size: Int64(bytes.count), modified: modified, kind: .file)
    }
  }

  func read(_ place: FilePlace, _ limit: ReadLimit) throws(FileFailure) -> [UInt8] {
    switch find(place) {
    case .disk: return try disk.read(place, limit)
    case .failure(let failure): throw failure
    case .node(.gone): throw Self.missing
    case .node(.folder): throw .isFolder
    case .node(.file(let bytes, _)):
      guard bytes.count <= limit.bytes else { throw .tooLarge(limit.bytes, limit.remedy) }
      return bytes
    }
  }

  func names(in place: FilePlace, atMost limit: Int) throws(FileFailure) -> [RawPath] {
    var names: Set<RawPath> = []
    switch find(place) {
    case .disk: names = Set(try disk.names(in: place, atMost: limit))
    case .failure(let failure): throw failure
    case .node(.gone): throw Self.missing
    case .node(.file): throw .refused(.notDir, "this is a file")
    case .node(.folder): break
    }
    state.withLock { state in
      for (path, node) in state.nodes {
        let (folder, name) = path.split
        guard folder == place.path, !name.isEmpty else { continue }
        if case .gone = node { names.remove(name) } else { names.insert(name) }
      }
    }
    return Array(names.prefix(limit + 1))
  }

  func lines(of place: FilePlace) throws(FileFailure) -> any PieceSource {
    Whole(try read(place, ReadLimit(bytes: Self.byteLimit)))
  }

  private final class Whole: PieceSource {
    private let bytes: Mutex<[UInt8]>

    init(_ bytes: [UInt8]) { self.bytes = Mutex(bytes) }

    func next() -> [UInt8] {
      bytes.withLock { bytes in
        defer { bytes = [] }
        return bytes
      }
    }
  }

  // MARK: Changes

  /// Throws if the place is one of the host's own, or its folder is not there.
  private func checkWritable(_ place: FilePlace) throws(FileFailure) {
    let isOwn = place.roots.contains { $0.own != nil }
    let isNamed = place.roots.contains { $0.isNamed }
    guard isOwn || isNamed || !host.contains(place.path, forWriting: true) else {
      throw .denied(.write)
    }
    guard let parent = place.parent else {
      guard FileStatus(of: place.path.split.folder.text)?.kind == .folder else { throw .noParent }
      return
    }
    do throws(FileFailure) {
      guard try facts(of: parent, followingLinks: true).kind == .dir else {
        throw FileFailure.refused(.notDir, "a part of the path is a file")
      }
    } catch {
      throw error.isMissing ? .noParent : error
    }
  }

  private func kind(of place: FilePlace) throws(FileFailure) -> FileFacts.Kind? {
    do throws(FileFailure) {
      return try facts(of: place, followingLinks: true).kind
    } catch {
      guard error.isMissing else { throw error }
      return nil
    }
  }

  func write(
    _ place: FilePlace, _ bytes: [UInt8], _ options: WriteOptions
  ) throws(FileFailure) {
    try checkWritable(place)
    switch try kind(of: place) {
    case .dir: throw .isFolder
    case .other: throw .irregular
    case .file, .link, nil: break
    }
    let now = now()
    try state.withLock { (state) throws(FileFailure) in
      try state.set(place.path, .file(bytes, modified: now))
    }
  }

  func append(
    _ place: FilePlace, _ bytes: [UInt8], _ options: WriteOptions
  ) throws(FileFailure) {
    let old =
      try kind(of: place) == .file ? read(place, ReadLimit(bytes: Self.byteLimit)) : []
    try write(place, old + bytes, options)
  }

  func makeFolder(_ place: FilePlace) throws(FileFailure) {
    if let kind = try kind(of: place) {
      guard kind == .dir else { throw .refused(.exists, "something else has this name") }
      return
    }
    if let parent = place.parent, try kind(of: parent) == nil { try makeFolder(parent) }
    try checkWritable(place)
    let now = now()
    try state.withLock { (state) throws(FileFailure) in
      try state.set(place.path, .folder(modified: now))
    }
  }

  func remove(
    _ place: FilePlace, recursive: Bool, _ isWanted: @escaping @Sendable () -> Bool
  ) throws(FileFailure) {
    try checkWritable(place)
    guard let kind = try kind(of: place) else { throw Self.missing }
    if kind == .dir {
      let names = try names(in: place, atMost: Self.nodeLimit)
      guard recursive || names.isEmpty else {
        throw .refused(.notEmpty, "Directory not empty")
      }
      for name in names {
        let child = place.appending(name, shown: place.shown)
        try remove(child, recursive: true, isWanted)
      }
    }
    removeTree(place.path)
  }

  /// Without a look at what is there.
  func removeTree(_ path: RawPath) {
    state.withLock { state in
      state.forget(beneath: path)
      state.bytes -= state.nodes.updateValue(.gone, forKey: path).map(Self.size) ?? 0
      state.bytes += Self.size(.gone)
    }
  }

  func rename(_ old: FilePlace, to new: FilePlace) throws(FileFailure) {
    try checkWritable(old)
    try checkWritable(new)
    guard let kind = try kind(of: old) else { throw Self.missing }
    guard new.path.rest(beneath: old.path) == nil || new.path == old.path else {
      throw .refused(.io, "a folder cannot be moved into itself")
    }
    guard new.path != old.path else { return }
    switch (kind, try self.kind(of: new)) {
    case (.dir, .dir):
      guard try names(in: new, atMost: 1).isEmpty else {
        throw .refused(.notEmpty, "Directory not empty")
      }
    case (.dir, .file), (.dir, .other): throw .refused(.notDir, "Not a directory")
    case (_, .dir): throw .isFolder
    case (_, .file), (_, .other), (_, .link), (_, nil): break
    }
    try copyTree(old, kind, to: new)
    try remove(old, recursive: true) { true }
  }

  private func copyTree(
    _ old: FilePlace, _ kind: FileFacts.Kind, to new: FilePlace
  ) throws(FileFailure) {
    guard kind == .dir else {
      return try write(new, read(old, ReadLimit(bytes: Self.byteLimit)), WriteOptions())
    }
    try makeFolder(new)
    for name in try names(in: old, atMost: Self.nodeLimit) {
      let child = old.appending(name, shown: old.shown)
      guard let kind = try self.kind(of: child) else { continue }
      try copyTree(child, kind, to: new.appending(name, shown: new.shown))
    }
  }

  func copy(
    _ source: FilePlace, to target: FilePlace, _ isWanted: @escaping @Sendable () -> Bool
  ) throws(FileFailure) {
    try write(target, read(source, ReadLimit(bytes: Self.byteLimit)), WriteOptions())
  }
}

extension FilePlace {
  /// The folder of the place, as far as the roots reach; nil for a root itself.
  fileprivate var parent: FilePlace? {
    let roots = roots.filter { !$0.isNamed }.map { root in
      FileRoot(path: root.path, own: root.own, rest: root.rest.split.folder)
    }
    guard !roots.isEmpty else { return nil }
    return FilePlace(
      shown: shown, path: path.split.folder, kind: kind, roots: roots, grants: grants, pins: pins)
  }
}
