import CLinux
import Glibc

/// Makes, changes and removes names in an open folder. A name has no slash, so no link is followed.
///
/// Safe because each text outlives the call that it is passed to, and structures are local variables.
extension Descriptor {
  /// What has a name in this folder; a link itself, not what it leads to.
  package func status(of name: RawPath) throws(SystemCallError) -> FileStatus {
    var status = stat()
    let result = unsafe name.withText { text in
      unsafe fstatat(number, text, &status, AT_SYMLINK_NOFOLLOW)
    }
    guard result == 0 else { throw SystemCallError(call: "fstatat") }
    return FileStatus(status)
  }

  package func makeFolder(_ name: RawPath, mode: UInt32 = 0o777) throws(SystemCallError) {
    let result = unsafe name.withText { unsafe mkdirat(number, $0, mode) }
    guard result == 0 else { throw SystemCallError(call: "mkdirat") }
  }

  package func remove(_ name: RawPath, isFolder: Bool) throws(SystemCallError) {
    let result = unsafe name.withText { text in
      unsafe unlinkat(number, text, isFolder ? AT_REMOVEDIR : 0)
    }
    guard result == 0 else { throw SystemCallError(call: "unlinkat") }
  }

  /// Removes the name of a file in the folder with this number, if it is there.
  package static func remove(_ name: RawPath, in folder: Int32) {
    _ = unsafe name.withText { unsafe unlinkat(folder, $0, 0) }
  }

  /// Replaces what has the new name, if that is possible.
  package func rename(
    _ name: RawPath, to folder: borrowing Descriptor, as new: RawPath
  ) throws(SystemCallError) {
    let target = folder.number
    let result = unsafe name.withText { old in
      unsafe new.withText { new in unsafe renameat(number, old, target, new) }
    }
    guard result == 0 else { throw SystemCallError(call: "renameat") }
  }

  /// Gives a file without a name one. Fails if something has it, and without `/proc`.
  package func link(
    _ file: borrowing Descriptor, as name: RawPath
  ) throws(SystemCallError) {
    let source = "/proc/self/fd/\(file.number)"
    let result = unsafe name.withText { text in
      unsafe linkat(AT_FDCWD, source, number, text, AT_SYMLINK_FOLLOW)
    }
    guard result == 0 else { throw SystemCallError(call: "linkat") }
  }

  /// The names in this folder, which was opened for listing, in no order; at most `limit`, and one more if there are
  /// more. `.` and `..` are left out.
  package func names(atMost limit: Int) throws(SystemCallError) -> [RawPath] {
    let copy = fcntl(number, F_DUPFD_CLOEXEC, 0)
    guard copy >= 0 else { throw SystemCallError(call: "fcntl") }
    guard let stream = unsafe fdopendir(copy) else {
      let error = SystemCallError(call: "fdopendir")
      close(copy)
      throw error
    }
    defer { unsafe closedir(stream) }
    unsafe rewinddir(stream)
    var names: [RawPath] = []
    while names.count <= limit {
      errno = 0
      guard let entry = unsafe readdir(stream) else { break }
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe Array(bytes.prefix { $0 != 0 })
      }
      if name != [0x2e], name != [0x2e, 0x2e], let name = RawPath(name) { names.append(name) }
    }
    guard errno == 0 || names.count > limit else { throw SystemCallError(call: "readdir") }
    return names
  }
}

/// The content of open files.
///
/// Safe because the system is told the length of the arrays that it reads and fills in.
extension Descriptor {
  /// The next bytes; fewer than `limit` only near the end, none at the end.
  package func read(atMost limit: Int) throws(SystemCallError) -> [UInt8] {
    try read(atMost: limit, from: nil)
  }

  /// The bytes from there on, wherever others read; fewer than `limit` only near the end, none at the end.
  package func read(
    atMost limit: Int, from offset: Int64?
  ) throws(SystemCallError) -> [UInt8] {
    while true {
      var code: Int32 = 0
      let bytes = unsafe [UInt8](unsafeUninitializedCapacity: limit) { buffer, filled in
        let count =
          if let offset {
            unsafe pread(number, buffer.baseAddress, limit, off_t(offset))
          } else {
            unsafe Glibc.read(number, buffer.baseAddress, limit)
          }
        if count < 0 { code = errno }
        filled = max(0, count)
      }
      if code == 0 { return bytes }
      guard code == EINTR else { throw SystemCallError(call: "read", code: code) }
    }
  }

  /// Writes some of the bytes, at least one, and returns how many.
  package func write(_ bytes: ArraySlice<UInt8>) throws(SystemCallError) -> Int {
    while true {
      let count = unsafe bytes.withUnsafeBytes { buffer in
        unsafe Glibc.write(number, buffer.baseAddress, buffer.count)
      }
      if count > 0 { return count }
      guard count < 0, errno == EINTR else {
        throw SystemCallError(call: "write", code: count == 0 ? ENOSPC : errno)
      }
    }
  }

  package func setMode(_ mode: UInt32) throws(SystemCallError) {
    guard fchmod(number, mode) == 0 else { throw SystemCallError(call: "fchmod") }
  }

  package func truncate(to size: Int64) throws(SystemCallError) {
    guard ftruncate(number, off_t(size)) == 0 else { throw SystemCallError(call: "ftruncate") }
  }
}
