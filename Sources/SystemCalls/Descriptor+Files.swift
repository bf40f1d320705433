import Glibc

/// Calls about open files.
extension Descriptor {
  package enum Access {
    case read
    /// Creates the file if it is missing; everybody may read it then, and its owner may write it.
    case readWrite
  }

  /// Opens a file or a folder. A child process does not inherit the descriptor.
  package static func open(_ path: String, for access: Access) throws(SystemCallError) -> Descriptor
  {
    let flags = access == .read ? O_RDONLY : O_RDWR | O_CREAT
    return try Descriptor(unsafe Glibc.open(path, flags | O_CLOEXEC, 0o644), of: "open")
  }

  /// Waits until the content of the file or folder is on the disk (`fsync`).
  package func sync() throws(SystemCallError) {
    guard fsync(number) == 0 else { throw SystemCallError(call: "fsync") }
  }

  /// The first bytes of the file; fewer than `limit` if the file is shorter.
  ///
  /// Safe because the system is told the length of the array that it fills in.
  package func readStart(atMost limit: Int) throws(SystemCallError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: limit)
    let count = unsafe bytes.withUnsafeMutableBytes { buffer in
      unsafe pread(number, buffer.baseAddress, buffer.count, 0)
    }
    guard count >= 0 else { throw SystemCallError(call: "pread") }
    return Array(bytes.prefix(count))
  }

  /// Replaces the content of the file. A failure may leave a part of the new content.
  ///
  /// Safe because the system is told the length of the array, which outlives the call.
  package func replaceContent(_ bytes: [UInt8]) throws(SystemCallError) {
    guard ftruncate(number, 0) == 0 else { throw SystemCallError(call: "ftruncate") }
    var done = 0
    while done < bytes.count {
      let count = unsafe bytes[done...].withUnsafeBytes { buffer in
        unsafe pwrite(number, buffer.baseAddress, buffer.count, off_t(done))
      }
      if count >= 0 {
        done += count
      } else if errno != EINTR {
        throw SystemCallError(call: "pwrite")
      }
    }
  }

  /// The system's answer about the open file, whatever its name is now (`fstat`).
  package func status() throws(SystemCallError) -> FileStatus {
    var status = stat()
    guard unsafe fstat(number, &status) == 0 else { throw SystemCallError(call: "fstat") }
    return FileStatus(status)
  }
}

/// A lock of the whole file (`flock`). It belongs to this opening of the file, so a second opening in the same process
/// cannot have it too. The system releases it when the last descriptor of this opening is closed.
extension Descriptor {
  /// Takes the lock, or returns false if another opening of the file has it. Does not wait.
  package func tryLock() throws(SystemCallError) -> Bool {
    if flock(number, LOCK_EX | LOCK_NB) == 0 { return true }
    guard errno == EWOULDBLOCK else { throw SystemCallError(call: "flock") }
    return false
  }

  /// Takes the lock, and waits until every other opening has released it.
  package func lock() throws(SystemCallError) {
    while flock(number, LOCK_EX) != 0 {
      guard errno == EINTR else { throw SystemCallError(call: "flock") }
    }
  }

  /// Releases the lock, even while a child that was just forked still has a copy of the descriptor.
  package func unlock() { flock(number, LOCK_UN) }
}
