import Glibc

extension timespec {
  private static var nanosecondsPerSecond: Int64 { 1_000_000_000 }

  /// Since the clock's zero. The time of a file may lie beyond what 64 bits hold; it wraps, and so still differs from
  /// others.
  var nanoseconds: Int64 { Int64(tv_sec) &* Self.nanosecondsPerSecond &+ Int64(tv_nsec) }

  /// Negative times become zero, because the kernel refuses them.
  package init(nanoseconds: Int64) {
    let clamped = max(0, nanoseconds)
    self.init(
      tv_sec: Int(clamped / Self.nanosecondsPerSecond),
      tv_nsec: Int(clamped % Self.nanosecondsPerSecond))
  }
}
