import Glibc

/// The number of the last error (`errno`) of the calling thread, for libraries that leave it there.
package enum ErrorNumber {
  /// 0 if no call has failed since ``clear()``.
  package static var last: Int32 { errno }

  package static func clear() { errno = 0 }
}
