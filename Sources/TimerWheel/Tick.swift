/// A point in time: a number of ticks since an origin that the caller chooses, of a length that the caller chooses.
public struct Tick: Hashable, Comparable, Sendable {
  public var rawValue: UInt64

  @inlinable
  public init(_ rawValue: UInt64) {
    self.rawValue = rawValue
  }

  /// The last tick: a deadline that is practically never reached.
  @inlinable
  public static var max: Tick { Tick(.max) }

  @inlinable
  public static func < (left: Tick, right: Tick) -> Bool {
    left.rawValue < right.rawValue
  }

  /// The tick `ticks` later, or `max` if that is earlier.
  @inlinable
  public func advanced(by ticks: UInt64) -> Tick {
    let (sum, overflow) = rawValue.addingReportingOverflow(ticks)
    return Tick(overflow ? .max : sum)
  }
}

extension Tick: CustomStringConvertible {
  public var description: String { "tick \(rawValue)" }
}
