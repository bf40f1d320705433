/// Counts the memory of data that the host keeps for a script.
public protocol MemoryOwner: AnyObject, Sendable {
  /// Counts so many bytes less.
  func letGo(_ bytes: Int)
}

/// Whoever keeps data for a script keeps this beside it: the data count for the script's memory until the last copy is
/// gone. So no way in which data are let go can forget to give the memory back.
///
/// All holds are equal: they are no part of the data.
public struct MemoryHold: Sendable, Hashable {
  private let owner: (any AnyObject & Sendable)?

  /// Holds nothing.
  public static var none: MemoryHold { MemoryHold(owner: nil) }

  public var isNone: Bool { owner == nil }

  private init(owner: (any AnyObject & Sendable)?) { self.owner = owner }

  /// The object gives the memory back in its `deinit`.
  public init(_ owner: any AnyObject & Sendable) { self.owner = owner }

  /// Holds for as long as any of these does.
  public init(_ holds: [MemoryHold]) {
    let owners = holds.compactMap(\.owner)
    owner = owners.count > 1 ? Boxed(owners) : owners.first
  }

  public static func == (a: MemoryHold, b: MemoryHold) -> Bool { true }
  public func hash(into hasher: inout Hasher) {}
}
