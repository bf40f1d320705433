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

  public var description: String { "\(call): \(unsafe String(cString: strerror(code)))" }
}
