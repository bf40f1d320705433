import GRDB
import Glibc
import MoonwheelModel

/// Putting a store back to its place: under a lock that others see, with everything that is in the files that are still
/// open, of which some have lost their names.
///
/// Nothing of others is overwritten: a file that somebody has put in the store's place stays, and the store is refused.
extension Connection {
  /// A connection to a file at the store's path that has all of it: this one, or another one after this one was closed.
  func replaced() throws -> Replacement {
    guard let place else { return .same(self) }
    let lock = place.hasLock ? self.lock : try takeLock()
    switch StorePlace.Finding(file.path) {
    case .nothing:
      try copyToPlace()
      return .reopen(lock)
    case .unknown(let code): throw file.refusal(code, "it cannot be reached any more")
    case .file where !place.hasDatabase: throw file.replaced
    case .file:
      guard try dataVersion() == knownVersion else { throw file.takenOver }
      guard place.hasLog else {
        try moveLogIntoFile()
        return .reopen(lock)
      }
      if let lock { keep(lock) }
      return .same(self)
    }
  }

  enum Replacement {
    case same(Connection)
    /// All is in the file at the path; to be opened when nothing refers to the old connection.
    case reopen(StoreLock?)
  }

  private func takeLock() throws -> StoreLock {
    try file.makeFolder()
    return try StoreLock(file)
  }

  /// Writes all that the open file and its log have to a new file at the path, which is there as a whole or not at all.
  private func copyToPlace() throws {
    let draft = StoreFile(file.path + ".new")
    for path in [draft.path, draft.path + "-journal"] { unsafe unlink(path) }
    defer { unsafe unlink(draft.path) }
    try read { database in
      let command = try Command("VACUUM INTO ?", in: database)
      command.put(draft.path)
      try command.run()
    }
    try draft.sync()
    // Beside a new file they would be taken for its own. Whoever holds the lock may take them away.
    for path in [file.log, file.shared] { unsafe unlink(path) }
    // Not by rename, which would replace a file that has appeared meanwhile.
    guard unsafe link(draft.path, file.path) == 0 else {
      throw errno == EEXIST ? file.replaced : file.refusal(errno, "it cannot be made anew")
    }
    do {
      try StoreFile(file.folder.isEmpty ? "/" : file.folder).sync()
    } catch {
      // The next try finds the place as it was, and not a file that it takes for somebody else's.
      unsafe unlink(file.path)
      throw error
    }
  }

  /// Takes what the open log has into the file, which then does without it.
  private func moveLogIntoFile() throws {
    var isBusy: Int64 = 1
    try read { database in
      try Command("PRAGMA wal_checkpoint(TRUNCATE)", in: database).run { isBusy = $0.integer(0) }
    }
    guard isBusy == 0 else {
      throw StoreError(.busy, "\(file.name): another program reads it; let that one finish")
    }
    // The one at the path, if any, is not ours.
    for path in [file.log, file.shared] { unsafe unlink(path) }
  }

  private func dataVersion() throws -> Int64 {
    try read { database in try Self.dataVersion(of: database) }
  }
}

extension StoreFile {
  /// Waits until a file or folder is on the disk.
  fileprivate func sync() throws {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw refusal(errno, "it cannot be synced") }
    defer { Glibc.close(descriptor) }
    guard fsync(descriptor) == 0 else { throw refusal(errno, "it cannot be synced") }
  }
}
