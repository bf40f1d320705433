/// The files that a store has open. A commit is safe only while they are still the ones at the store's paths.
///
/// SQLite goes on writing to a file that somebody removed, and a host that starts later would not find what was
/// written.
struct OpenFiles {
  private let file: StoreFile
  private let database: PathTarget
  private let log: PathTarget
  private let lock: PathTarget

  /// Remembers files that were opened just now.
  init(_ file: StoreFile, _ lock: StoreLock) {
    self.file = file
    database = PathTarget(of: file.path)
    log = PathTarget(of: file.log)
    self.lock = lock.file
  }

  var areInPlace: Bool { isDatabaseInPlace && isLogInPlace && isLockInPlace }
  var isDatabaseInPlace: Bool { PathTarget(of: file.path) == database }
  var isLogInPlace: Bool { PathTarget(of: file.log) == log }
  var isLockInPlace: Bool { PathTarget(of: file.lock) == lock }

  /// Throws if a path leads to another file than the open one.
  func check() throws(FilesChangedError) {
    switch PathTarget(of: file.path) {
    case database: break
    case .missing: throw FilesChangedError(reason: file.removed)
    case .file: throw FilesChangedError(reason: file.replaced)
    case .unknown(let error): throw FilesChangedError(reason: file.unreachable(error))
    }
    guard isLogInPlace else { throw FilesChangedError(reason: file.lost("its log \(file.log)")) }
    guard isLockInPlace else { throw FilesChangedError(reason: file.lost("its lock \(file.lock)")) }
  }
}
