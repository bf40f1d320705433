/// A point in time as a wheel counts it: a number of ticks since an origin that the caller chooses.
///
/// The wheel never asks how long a tick is.
public struct Tick: Hashable, Comparable, Sendable {
  public var rawValue: UInt64

  @inlinable
  public init(_ rawValue: UInt64) {
    self.rawValue = rawValue
  }

  /// The last tick there is; a deadline for what should practically never expire.
  @inlinable
  public static var max: Tick { Tick(.max) }

  @inlinable
  public static func < (left: Tick, right: Tick) -> Bool {
    left.rawValue < right.rawValue
  }

  /// The tick that many ticks later, or `max` where that would lie beyond it.
  @inlinable
  public func advanced(by ticks: UInt64) -> Tick {
    let (sum, overflow) = rawValue.addingReportingOverflow(ticks)
    return Tick(overflow ? .max : sum)
  }
}

extension Tick: CustomStringConvertible {
  public var description: String { "tick \(rawValue)" }
}
