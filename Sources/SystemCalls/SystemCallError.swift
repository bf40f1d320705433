import Glibc

/// A system call, or a function of libc, that failed.
public struct SystemCallError: Error, Hashable, CustomStringConvertible {
  /// The function, e.g. `pthread_create`.
  public let call: String
  /// The value of `errno`.
  public let code: Int32

  public init(call: String, code: Int32) {
    self.call = call
    self.code = code
  }

  public var description: String { "\(call): \(reason)" }
}

extension SystemCallError {
  /// The error of a call that has just failed in the calling thread.
  init(call: String) { self.init(call: call, code: errno) }

  /// The reason in the words of libc, e.g. `No such file or directory`.
  package var reason: String { unsafe String(cString: strerror(code)) }

  /// The path leads nowhere.
  package var isMissing: Bool { [ENOENT, ENOTDIR].contains(code) }

  /// Something already has the path.
  package var isTaken: Bool { code == EEXIST }

  /// The process lacks the right, or the file system is read-only.
  package var isForbidden: Bool { [EACCES, EPERM, EROFS].contains(code) }

  /// The code of what was given up before it began.
  package static var cancelled: Int32 { ECANCELED }

  /// The disk is full, or the process or its user has reached a limit.
  package var isOutOfSpace: Bool { [ENOSPC, EDQUOT, EFBIG].contains(code) }
}
