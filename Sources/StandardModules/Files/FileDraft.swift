import SystemCalls

/// A file that is written piece by piece, and gets its name when it is whole. Goes with this object before that.
///
/// `@unchecked Sendable`: one thread at a time uses it, which its owner sees to.
final class FileDraft: @unchecked Sendable {
  private let located: Located
  private let entry: Located.Entry
  private var draft: Draft
  private let mode: UInt32?
  /// Bytes for which the folder of the script's own has room; nil before the first.
  private var counted: Int64?
  private var size: Int64 = 0
  private var isDone = false

  fileprivate init(_ located: Located) throws(FileFailure) {
    let entry = try located.target()
    let old = try DiskFiles.replaceable(entry)
    mode = old.map { $0.mode & 0o777 }
    counted = old?.version.size
    draft = try Draft(in: entry.folder, mode: mode)
    self.located = located
    self.entry = entry
  }

  deinit {
    if !isDone { located.root.own?.forget() }
  }

  func write(_ bytes: [UInt8]) throws(FileFailure) {
    size += Int64(bytes.count)
    try located.root.own?.grow(from: counted, to: max(size, counted ?? 0)) {
      () throws(FileFailure) in try DiskFiles.measure(located)
    }
    counted = max(size, counted ?? 0)
    try DiskFiles.write(bytes[...], to: draft.file, WriteOptions())
  }

  /// On the disk, under its name.
  func finish() throws(FileFailure) {
    try DiskFiles.calling { () throws(SystemCallError) in try draft.file.sync() }
    try DiskFiles.names.withLock { (_) throws(FileFailure) in
      // The folder may have moved meanwhile.
      try located.check(entry.folder, entry.folder.path?.appending(entry.name))
      try draft.finish(as: entry.name, in: entry.folder, mode: mode)
    }
    isDone = true
    try DiskFiles.calling { () throws(SystemCallError) in
      try entry.folder.open(beneath: RawPath("."), for: .listing).sync()
    }
  }
}

extension DiskFiles {
  func draft(_ place: FilePlace) throws(FileFailure) -> FileDraft {
    try place.located(host) { (located) throws(FileFailure) in try FileDraft(located) }
  }
}
