import GRDB
import GRDBSQLite
import Glibc
import MoonwheelModel

extension StoreFile {
  /// An error of SQLite or GRDB in the words of the store: names the file, and says what to do.
  func storeError(_ error: any Error) -> StoreError {
    switch error {
    case let error as StoreError: error
    case let error as Misplacement: error.reason
    case let error as SQLiteFailure:
      storeError(error.code, error.message, systemError: error.systemError)
    case let error as DatabaseError:
      storeError(error.extendedResultCode.rawValue, error.message ?? "it does not say why")
    default: StoreError(.io, "\(name): \(error)")
    }
  }

  private func storeError(_ code: Int32, _ message: String, systemError: Int32 = 0) -> StoreError {
    let system = systemError == 0 ? "" : " (\(Self.words(systemError)))"
    let reason = "\(name): \(message)\(system)"
    switch code & 0xff {
    case SQLITE_FULL:
      return StoreError(.full, "\(name): no space is left for it; free some")
    case SQLITE_IOERR where [ENOSPC, EDQUOT, EFBIG].contains(systemError):
      return StoreError(.full, reason + "; free some space, or raise the limit")
    case SQLITE_BUSY, SQLITE_LOCKED:
      return StoreError(
        .busy, reason + "; another program has it locked: let that one finish, or end it")
    case SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH:
      return StoreError(
        .readOnly, reason + "; give the host the right to write to it and to its folder")
    case SQLITE_NOTADB where isText: return foreign("a text")
    case SQLITE_CORRUPT, SQLITE_NOTADB:
      return StoreError(.corrupt, reason + "; set it aside, and begin anew or with a copy of it")
    case SQLITE_CANTOPEN: return cannotOpen(reason)
    default: return StoreError(.io, reason)
    }
  }

  private func cannotOpen(_ reason: String) -> StoreError {
    if isFolder { return StoreError(.io, "\(name): it is a folder; name a file") }
    guard Self.size(of: path) != nil else {
      return StoreError(.missing, "\(name): there is no such file")
    }
    guard !canBeRead else { return StoreError(.io, reason) }
    return refusal(errno, "it cannot be read")
  }

  /// Sets `errno` where it cannot.
  var canBeRead: Bool { unsafe access(path, R_OK) == 0 }

  var logNeedsFolder: StoreError {
    StoreError(
      .readOnly,
      "\(name): a host has left a log beside it, which can only be read where the folder can be written; "
        + "copy the files that begin with this name to such a folder")
  }
}
