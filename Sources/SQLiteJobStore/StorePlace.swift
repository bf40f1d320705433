import Glibc
import MoonwheelModel

/// Which files a store has open: that they are still the ones at its paths is what makes a commit worth something.
///
/// What is open stays, whatever becomes of its name: SQLite goes on in a file that was removed, and nobody would find
/// there what it has promised.
struct StorePlace {
  /// What a path leads to.
  enum Finding: Hashable {
    case file(device: UInt64, number: UInt64)
    case nothing
    /// The system does not say, with its error.
    case unknown(Int32)

    init(_ path: String) {
      var status = stat()
      self.init(unsafe stat(path, &status), status)
    }

    init(descriptor: Int32) {
      var status = stat()
      self.init(unsafe fstat(descriptor, &status), status)
    }

    private init(_ result: Int32, _ status: stat) {
      if result == 0 {
        self = .file(device: UInt64(status.st_dev), number: UInt64(status.st_ino))
      } else {
        self = errno == ENOENT || errno == ENOTDIR ? .nothing : .unknown(errno)
      }
    }
  }

  private let file: StoreFile
  private let database: Finding
  private let log: Finding
  private let lock: Finding

  /// Of files that were opened just now.
  init(_ file: StoreFile, _ lock: StoreLock) {
    self.file = file
    database = Finding(file.path)
    log = Finding(file.log)
    self.lock = lock.place
  }

  var isWhole: Bool { hasDatabase && hasLog && hasLock }
  var hasDatabase: Bool { Finding(file.path) == database }
  var hasLog: Bool { Finding(file.log) == log }
  var hasLock: Bool { Finding(file.lock) == lock }

  /// Throws where a file is not the one that is open.
  func check() throws(Misplacement) {
    switch Finding(file.path) {
    case database: break
    case .nothing: throw Misplacement(file.removed)
    case .file: throw Misplacement(file.replaced)
    case .unknown(let code): throw Misplacement(file.refusal(code, "it cannot be reached any more"))
    }
    guard hasLog else { throw Misplacement(file.lost("its log \(file.log)")) }
    guard hasLock else { throw Misplacement(file.lost("its lock \(file.lock)")) }
  }
}

/// A store is not where it was opened.
struct Misplacement: Error {
  let reason: StoreError
  init(_ reason: StoreError) { self.reason = reason }
}

extension StoreFile {
  fileprivate var removed: StoreError {
    StoreError(
      .missing,
      "\(name): it was removed or renamed while the host had it open; the host makes it anew there, with all that it had"
    )
  }

  var replaced: StoreError {
    StoreError(
      .replaced,
      "\(name): this is not the file any more that the host has open: start the host again to use this one, or move it away, and the host makes its own there anew"
    )
  }

  var takenOver: StoreError {
    StoreError(
      .replaced,
      "\(name): its lock was removed, and another host has written to it meanwhile; start this host again"
    )
  }

  fileprivate func lost(_ part: String) -> StoreError {
    StoreError(
      .missing, "\(name): \(part) was removed or replaced; the host makes it anew")
  }
}
