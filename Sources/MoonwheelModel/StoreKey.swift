/// Identifies a job's row in the store. Keys count up from 1, and no key is used twice; 0 is none.
public struct StoreKey: Sendable, Hashable, Comparable {
  public var rawValue: Int64
  public init(rawValue: Int64) { self.rawValue = rawValue }
  public static func < (a: StoreKey, b: StoreKey) -> Bool { a.rawValue < b.rawValue }

  public static let none = StoreKey(rawValue: 0)

  /// Whether it is ``none``; inlined, unlike a comparison, since the core asks at each start and end of a run.
  @inlinable public var isNone: Bool { rawValue == 0 }
}
