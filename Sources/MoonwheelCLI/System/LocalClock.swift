import Glibc
import Moonwheel

/// The local time of the machine, as the C library computes it: for the log alone. Triggers have ``SystemZones``.
enum LocalClock {
  /// Seconds that local time (`TZ`, else the machine's zone) is ahead of UTC at an instant.
  ///
  /// Safe because the system fills in a local variable; the name of the zone in it is not used.
  static func offset(at time: Timestamp) -> Int64 {
    var second = Int(time.seconds)
    var local = unsafe tm()
    guard unsafe localtime_r(&second, &local) != nil else { return 0 }
    return unsafe Int64(local.tm_gmtoff)
  }
}
