/// An instant: nanoseconds since 1970-01-01T00:00:00 UTC, without leap seconds.
///
/// Covers the years 1677 to 2262. Arithmetic saturates at both ends, so no input can trap.
public struct Timestamp: Hashable, Comparable, Sendable {
  public var nanoseconds: Int64

  public init(nanoseconds: Int64) {
    self.nanoseconds = nanoseconds
  }

  /// The instant `seconds` after the epoch, or the nearest one that can be represented.
  public init(seconds: Int64) {
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    nanoseconds = overflow ? (seconds < 0 ? .min : .max) : product
  }

  public static func < (a: Timestamp, b: Timestamp) -> Bool { a.nanoseconds < b.nanoseconds }

  /// The latest instant, in the year 2262.
  public static let distantFuture = Timestamp(nanoseconds: .max)
  /// The earliest instant, in the year 1677.
  public static let distantPast = Timestamp(nanoseconds: .min)

  /// The last whole second at or before this instant.
  public var seconds: Int64 { floorDivide(nanoseconds, 1_000_000_000) }

  public func advanced(by delta: Int64) -> Timestamp {
    Timestamp(nanoseconds: nanoseconds.saturatingSum(delta))
  }

  /// Nanoseconds from this instant to `other`; negative when `other` is earlier.
  public func distance(to other: Timestamp) -> Int64 {
    other.nanoseconds.saturatingDifference(nanoseconds)
  }
}

extension Timestamp: CustomStringConvertible {
  public var description: String { iso(in: .utc) }
}
