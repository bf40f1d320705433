import MoonwheelModel
import SystemCalls

/// Writes a store back to its path after somebody removed some of its files. The open files still have all the content.
///
/// Works under a lock that other hosts see, and overwrites nothing: if there is another file at the store's path, it
/// stays, and the call throws.
extension Connection {
  /// Afterwards, the file at the store's path has all the content.
  func restore() throws -> Restored {
    guard let openFiles else { return .same }
    let lock = openFiles.isLockInPlace ? self.lock : try takeLock()
    switch PathTarget(of: file.path) {
    case .missing:
      try copyToPath()
      return .reopen(lock)
    case .unknown(let error): throw file.unreachable(error)
    case .file where !openFiles.isDatabaseInPlace: throw file.replaced
    case .file:
      guard try read(Self.dataVersion) == firstDataVersion else { throw file.takenOver }
      guard openFiles.isLogInPlace else {
        try moveLogIntoFile()
        return .reopen(lock)
      }
      if let lock { keep(lock) }
      return .same
    }
  }

  enum Restored {
    /// This connection goes on.
    case same
    /// The caller releases this connection, and then opens the file at the path under this lock.
    case reopen(StoreLock?)
  }

  private func takeLock() throws -> StoreLock {
    try file.makeFolder()
    return try StoreLock(file)
  }

  /// Copies the open file and its log to a new file at the path. After a crash, the path has the whole copy or nothing.
  private func copyToPath() throws {
    let draft = StoreFile(file.path + ".new")
    for path in [draft.path, draft.path + "-journal"] { FileNames.remove(path) }
    defer { FileNames.remove(draft.path) }
    try read { database in
      try Command("VACUUM INTO ?", in: database).run(draft.path)
    }
    try draft.sync()
    // SQLite would read them as those of the new file. The holder of the lock may remove them.
    for path in [file.log, file.sharedMemory] { FileNames.remove(path) }
    do {
      // A rename would replace a file that has appeared meanwhile; a link does not.
      try FileNames.link(draft.path, as: file.path)
    } catch {
      throw error.isTaken ? file.replaced : file.storeError(error, "it cannot be written again")
    }
    do {
      try StoreFile(file.folder.isEmpty ? "/" : file.folder).sync()
    } catch {
      // Otherwise the next attempt would take the copy for a file of somebody else.
      FileNames.remove(file.path)
      throw error
    }
  }

  /// Checkpoints the open log, which has lost its path, into the file, so that the file is complete without it.
  private func moveLogIntoFile() throws {
    let isBusy = try read { try $0.integer("PRAGMA wal_checkpoint(TRUNCATE)") }
    guard isBusy == 0 else {
      throw StoreError(.busy, "\(file.name): another program reads it; let that one finish")
    }
    // If there is a log at the path, it is not ours.
    for path in [file.log, file.sharedMemory] { FileNames.remove(path) }
  }
}

extension StoreFile {
  /// Waits until the file or folder at this path is on the disk.
  fileprivate func sync() throws(StoreError) {
    try attempt("it cannot be synced") { () throws(SystemCallError) in
      try Descriptor.open(path, for: .read).sync()
    }
  }
}
