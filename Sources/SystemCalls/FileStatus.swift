import Glibc

/// The system's answer about a path (`stat`, `lstat`).
package struct FileStatus {
  package enum Kind { case file, folder, link, other }

  package let kind: Kind
  package let version: FileVersion
  /// How many names (hard links) the file has.
  package let names: Int
  /// The rights, as in `chmod`.
  package let mode: UInt32
  /// The number of the user who owns it.
  package let owner: UInt32

  /// Whether every user of the machine may write it.
  package var isWritableByAll: Bool { mode & S_IWOTH != 0 }

  /// Nil if nothing is there, or it cannot be reached.
  package init?(of path: String, followingLinks: Bool = true) {
    do {
      try self.init(reading: path, followingLinks: followingLinks)
    } catch {
      return nil
    }
  }

  /// Safe because the system fills in a local variable.
  package init(reading path: String, followingLinks: Bool = true) throws(SystemCallError) {
    var status = stat()
    let result = unsafe followingLinks ? stat(path, &status) : lstat(path, &status)
    guard result == 0 else { throw SystemCallError(call: followingLinks ? "stat" : "lstat") }
    self.init(status)
  }

  package var identity: FileIdentity { version.identity }

  init(_ status: stat) {
    kind =
      switch status.st_mode & S_IFMT {
      case S_IFREG: .file
      case S_IFDIR: .folder
      case S_IFLNK: .link
      default: .other
      }
    names = Int(status.st_nlink)
    mode = status.st_mode & 0o7777
    owner = status.st_uid
    version = FileVersion(
      identity: FileIdentity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino)),
      size: Int64(status.st_size), modified: status.st_mtim.nanoseconds,
      changed: status.st_ctim.nanoseconds)
  }
}
