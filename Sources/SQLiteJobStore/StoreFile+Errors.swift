import GRDB
import GRDBSQLite
import MoonwheelModel
import SystemCalls

/// Errors that name the file as the user did, and say what to do.
extension StoreFile {
  /// An error of SQLite, of GRDB or of the store itself.
  func storeError(_ error: any Error) -> StoreError {
    switch error {
    case let error as StoreError: error
    case let error as FilesChangedError: error.reason
    case let error as SQLiteFailure:
      storeError(error.code, error.message, systemError: error.systemError)
    case let error as DatabaseError:
      storeError(error.extendedResultCode.rawValue, error.message ?? "it does not say why")
    default: StoreError(.io, "\(name): \(error)")
    }
  }

  private func storeError(
    _ code: Int32, _ message: String, systemError: SystemCallError? = nil
  ) -> StoreError {
    let reason = "\(name): \(message)" + (systemError.map { " (\($0.reason))" } ?? "")
    switch code & 0xff {
    case SQLITE_FULL:
      return StoreError(.full, "\(name): no space is left for it; free some")
    case SQLITE_IOERR where systemError?.isOutOfSpace == true:
      return StoreError(.full, reason + "; free some space, or raise the limit")
    case SQLITE_BUSY, SQLITE_LOCKED:
      return StoreError(
        .busy, reason + "; another program has it locked: let that one finish, or end it")
    case SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH:
      return StoreError(
        .readOnly, reason + "; give the host the right to write to it and to its folder")
    case SQLITE_NOTADB where isText: return foreign("a text file")
    case SQLITE_CORRUPT, SQLITE_NOTADB:
      return StoreError(
        .corrupt, reason + "; move it away, and start with a new file or with a backup")
    case SQLITE_CANTOPEN: return cannotOpen(reason)
    default: return StoreError(.io, reason)
    }
  }

  private func cannotOpen(_ reason: String) -> StoreError {
    if isFolder { return StoreError(.io, "\(name): it is a folder; name a file") }
    guard Self.size(of: path) != nil else { return noSuchFile }
    do {
      try FileNames.checkReadable(path)
      return StoreError(.io, reason)
    } catch {
      return storeError(error, "it cannot be read")
    }
  }

  /// `problem` says what `body` could not do: a sentence about the file.
  func attempt<Result: ~Copyable>(
    _ problem: @autoclosure () -> String, _ body: () throws(SystemCallError) -> Result
  ) throws(StoreError) -> Result {
    do { return try body() } catch { throw storeError(error, problem()) }
  }

  /// `problem` is a sentence about the file; the reason of the system follows it.
  func storeError(_ error: SystemCallError, _ problem: String) -> StoreError {
    let reason = "\(name): \(problem): \(error.reason)"
    return if error.isMissing {
      StoreError(.missing, reason + "; make the folder, or name another file")
    } else if error.isForbidden {
      StoreError(
        .readOnly, reason + "; give the host the right to write there, or name another file")
    } else if error.isOutOfSpace {
      StoreError(.full, reason + "; free some space")
    } else {
      StoreError(.io, reason)
    }
  }

  func foreign(_ kind: String) -> StoreError {
    StoreError(.foreign, "\(name): it is \(kind), not a store of Moonwheel; name another file")
  }

  var noSuchFile: StoreError { StoreError(.missing, "\(name): there is no such file") }

  var logNeedsFolder: StoreError {
    StoreError(
      .readOnly,
      "\(name): a host left a log beside it, and SQLite reads a log only in a folder that it can write; "
        + "copy the files that begin with this name to such a folder")
  }
}

/// Errors about files that somebody removed or replaced while the host had them open.
extension StoreFile {
  var removed: StoreError {
    StoreError(
      .missing,
      "\(name): it was removed or renamed while the host had it open; the host writes it again at its path, "
        + "with all its content")
  }

  var replaced: StoreError {
    StoreError(
      .replaced,
      "\(name): this is no longer the file that the host has open: restart the host to use this file, "
        + "or move it away, and the host writes its own again")
  }

  var takenOver: StoreError {
    StoreError(
      .replaced,
      "\(name): its lock was removed, and another host has written to it since; restart this host")
  }

  func lost(_ part: String) -> StoreError {
    StoreError(
      .missing, "\(name): \(part) was removed or replaced; the host writes it again")
  }

  func unreachable(_ error: SystemCallError) -> StoreError {
    storeError(error, "it cannot be reached any more")
  }
}
