import Glibc

/// What tells one content of a file from another without reading it.
struct FileVersion: Sendable, Hashable {
  var device: UInt64
  var inode: UInt64
  var size: Int64
  /// Nanoseconds since 1970, as are all file times, in steps of a few milliseconds.
  var modified: Int64
  /// As `modified`, but nobody can set it back.
  var changed: Int64

  func isSameFile(as other: FileVersion) -> Bool {
    device == other.device && inode == other.inode
  }
}

extension FileVersion {
  /// The regular file at the path, links followed; nil if there is none that can be reached.
  init?(of path: String) {
    guard let status = FileStatus(of: path), status.kind == .file else { return nil }
    self = status.version
  }
}

/// What the system says about a path.
struct FileStatus {
  enum Kind { case file, folder, link, other }

  let kind: Kind
  let version: FileVersion
  /// How many names the file has.
  let names: Int

  /// Nil if nothing is there, or it cannot be reached.
  ///
  /// Safe because the system fills in a local variable.
  init?(of path: String, followingLinks: Bool = true) {
    var status = stat()
    let result = unsafe followingLinks ? stat(path, &status) : lstat(path, &status)
    guard result == 0 else { return nil }
    kind =
      switch status.st_mode & S_IFMT {
      case S_IFREG: .file
      case S_IFDIR: .folder
      case S_IFLNK: .link
      default: .other
      }
    names = Int(status.st_nlink)
    version = FileVersion(
      device: UInt64(status.st_dev), inode: UInt64(status.st_ino), size: Int64(status.st_size),
      modified: Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec),
      changed: Int64(status.st_ctim.tv_sec) * 1_000_000_000 + Int64(status.st_ctim.tv_nsec))
  }
}
