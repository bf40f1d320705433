import Glibc
import Synchronization
import SystemCalls

/// Files are replaced as a whole: written beside, and renamed when they are complete.
extension DiskFiles {
  private static let pieceSize = 1 << 20

  func write(
    _ place: FilePlace, _ bytes: [UInt8], _ options: WriteOptions
  ) throws(FileFailure) {
    try replace(place, options, size: Int64(bytes.count)) { (file) throws(FileFailure) in
      try Self.write(bytes[...], to: file, options)
    }
  }

  func copy(
    _ source: FilePlace, to target: FilePlace, _ isWanted: @escaping @Sendable () -> Bool
  ) throws(FileFailure) {
    let from = try openFile(source)
    let status = try Self.calling { () throws(SystemCallError) in try from.status() }
    let options = WriteOptions(mode: status.mode & 0o777, isWanted: isWanted)
    try replace(target, options, size: status.version.size) { (file) throws(FileFailure) in
      var left = status.version.size
      while left > 0 {
        let wanted = Int(min(left, Int64(Self.pieceSize)))
        let piece = try Self.calling { () throws(SystemCallError) in try from.read(atMost: wanted) }
        if piece.isEmpty { return }
        try Self.write(piece[...], to: file, options)
        left -= Int64(piece.count)
      }
    }
  }

  static func write(
    _ bytes: ArraySlice<UInt8>, to file: borrowing Descriptor, _ options: WriteOptions
  ) throws(FileFailure) {
    var rest = bytes
    while !rest.isEmpty {
      guard options.isWanted() else { throw .unwanted }
      do {
        rest = rest.dropFirst(try file.write(rest.prefix(pieceSize)))
      } catch {
        throw FileFailure(error)
      }
    }
  }

  /// Makes a file of `size` bytes, which `fill` writes, and gives it the name of the place.
  private func replace(
    _ place: FilePlace, _ options: WriteOptions, size: Int64,
    _ fill: (borrowing Descriptor) throws(FileFailure) -> Void
  ) throws(FileFailure) {
    try place.located(host) { (located) throws(FileFailure) in
      let entry = try located.target()
      let old = try Self.replaceable(entry)
      try located.root.own?.grow(from: old?.version.size, to: size) { () throws(FileFailure) in
        try Self.measure(located)
      }
      do throws(FileFailure) {
        let mode = options.mode ?? old.map { $0.mode & 0o777 }
        var draft = try Draft(in: entry.folder, mode: mode)
        try fill(draft.file)
        guard options.isWanted() else { throw FileFailure.unwanted }
        if options.sync {
          try Self.calling { () throws(SystemCallError) in try draft.file.sync() }
        }
        try Self.names.withLock { (_) throws(FileFailure) in
          // The folder may have moved meanwhile.
          try located.check(entry.folder, entry.folder.path?.appending(entry.name))
          try draft.finish(as: entry.name, in: entry.folder, mode: mode)
        }
        guard options.sync else { return }
        try Self.calling { () throws(SystemCallError) in
          try entry.folder.open(beneath: RawPath("."), for: .listing).sync()
        }
      } catch {
        located.root.own?.forget()
        throw error
      }
    }
  }

  /// Begins a file that somebody else writes, and that gets its name when it is complete.
  func begin(_ place: FilePlace) throws(FileFailure) -> PendingFile {
    try place.located(host) { (located) throws(FileFailure) in
      let entry = try located.target()
      let old = try Self.replaceable(entry)
      let mode = old.map { $0.mode & 0o777 }
      let draft = try Draft(in: entry.folder, mode: mode)
      return PendingFile(located, entry, draft, mode: mode, oldSize: old?.version.size)
    }
  }

  /// What is at the place; nil if nothing is. Throws if it cannot be replaced by a file.
  static func replaceable(
    _ entry: borrowing Located.Entry
  ) throws(FileFailure) -> FileStatus? {
    let status: FileStatus
    do {
      status = try entry.folder.status(of: entry.name)
    } catch {
      guard error.code == ENOENT else { throw FileFailure(error) }
      return nil
    }
    switch status.kind {
    case .file: return status
    case .folder: throw .isFolder
    case .link: return nil
    case .other: throw .irregular
    }
  }

  func append(
    _ place: FilePlace, _ bytes: [UInt8], _ options: WriteOptions
  ) throws(FileFailure) {
    try place.located(host) { (located) throws(FileFailure) in
      let old = try Self.replaceable(try located.target())
      let file = try located.openOrNoParent(.append(mode: options.mode ?? 0o666))
      try Self.checkRegular(file)
      let size = try Self.calling { () throws(SystemCallError) in try file.status() }.version.size
      try located.root.own?.grow(
        from: old == nil ? nil : size, to: size + Int64(bytes.count)
      ) { () throws(FileFailure) in try Self.measure(located) }
      do throws(FileFailure) {
        try Self.write(bytes[...], to: file, options)
        if options.sync { try Self.calling { () throws(SystemCallError) in try file.sync() } }
      } catch {
        located.root.own?.forget()
        Self.takeBack(to: size, atMost: bytes.count, file)
        throw error
      }
    }
  }

  /// Removes the part that was appended, unless somebody else has appended more behind it.
  private static func takeBack(to size: Int64, atMost count: Int, _ file: borrowing Descriptor) {
    do throws(SystemCallError) {
      guard try file.status().version.size <= size + Int64(count) else { return }
      try file.truncate(to: size)
    } catch {
      return  // the caller tells the first error
    }
  }
}

/// A file that somebody else writes, such as a program. Nothing of it is left unless it is finished.
final class PendingFile: Sendable {
  private struct State: ~Copyable {
    let located: Located
    let entry: Located.Entry
    var draft: Draft
    let mode: UInt32?
    let oldSize: Int64?
  }

  private let state: Mutex<State?>

  fileprivate init(
    _ located: Located, _ entry: consuming Located.Entry, _ draft: consuming Draft, mode: UInt32?,
    oldSize: Int64?
  ) {
    state = Mutex(
      State(located: located, entry: entry, draft: draft, mode: mode, oldSize: oldSize))
  }

  /// What it is written by.
  func descriptor() throws(FileFailure) -> Descriptor {
    try state.withLock { (state) throws(FileFailure) in
      let copy: Descriptor?
      do throws(SystemCallError) { copy = try state?.draft.file.copy() } catch {
        throw FileFailure(error)
      }
      guard let copy else { throw .unwanted }
      return copy
    }
  }

  /// Gives it its name. Returns its size. Blocks.
  func finish() throws(FileFailure) -> Int64 {
    try state.withLock { (state) throws(FileFailure) in
      guard var state = state.take() else { throw .unwanted }
      let size = try DiskFiles.calling { () throws(SystemCallError) in
        try state.draft.file.sync()
        return try state.draft.file.status().version.size
      }
      let located = state.located
      try located.root.own?.grow(from: state.oldSize, to: size) { () throws(FileFailure) in
        try DiskFiles.measure(located)
      }
      try DiskFiles.names.withLock { (_) throws(FileFailure) in
        // The folder may have moved meanwhile.
        try located.check(state.entry.folder, state.entry.folder.path?.appending(state.entry.name))
        try state.draft.finish(as: state.entry.name, in: state.entry.folder, mode: state.mode)
      }
      return size
    }
  }

  /// Forgets it.
  func discard() { state.withLock { $0 = nil } }
}

/// A file that is being written, in the folder that it is to be in.
///
/// It has no name where the file system can do that, so that nothing of it is left when the process ends. Else it has a
/// name that begins with a dot, and goes with this value.
struct Draft: ~Copyable {
  let file: Descriptor
  /// Nil while it has no name, and once it has its own.
  private var name: RawPath?
  private let folder: Int32

  init(in folder: borrowing Descriptor, mode: UInt32?) throws(FileFailure) {
    let mode = mode ?? 0o666
    self.folder = folder.number
    do throws(SystemCallError) {
      file = try folder.open(beneath: RawPath("."), for: .unnamed(mode: mode))
      name = nil
      return
    } catch {
      guard [EOPNOTSUPP, EISDIR, EINVAL, ENOENT].contains(error.code) else {
        throw FileFailure(error)
      }
    }
    let name = Self.newName()
    file = try DiskFiles.calling { () throws(SystemCallError) in
      try folder.open(beneath: name, for: .create(mode: mode))
    }
    self.name = name
  }

  deinit {
    if let name { Descriptor.remove(name, in: folder) }
  }

  private static func newName() -> RawPath {
    RawPath(".moonwheel-" + String(UInt64.random(in: 0 ... .max), radix: 36))
  }

  /// Gives the file its name, in place of what has it.
  mutating func finish(
    as final: RawPath, in folder: borrowing Descriptor, mode: UInt32?
  ) throws(FileFailure) {
    do throws(SystemCallError) {
      if let mode { try file.setMode(mode) }
      let draft = name ?? Self.newName()
      if name == nil {
        try folder.link(file, as: draft)
        name = draft
      }
      try folder.rename(draft, to: folder, as: final)
      name = nil
    } catch {
      throw FileFailure(error)
    }
  }
}
