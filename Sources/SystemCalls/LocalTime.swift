import Glibc

/// The local time of the machine, as the C library computes it.
package enum LocalTime {
  /// How many seconds local time (`TZ`, or the machine's zone) is ahead of UTC at a second since 1970; 0 if the C
  /// library cannot say.
  ///
  /// Safe because the system fills in a local variable; nobody reads the pointer to a zone's name in it.
  package static func offset(atSecond second: Int64) -> Int64 {
    var second = Int(second)
    var local = unsafe tm()
    guard unsafe localtime_r(&second, &local) != nil else { return 0 }
    return unsafe Int64(local.tm_gmtoff)
  }
}
