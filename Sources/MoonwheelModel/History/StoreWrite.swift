/// A change for the store.
public struct StoreWrite: Sendable {
  public var change: StoreChange
  /// To be told with `Input.stored` when the change is safe; 0 is nobody waits for it.
  public var ticket: UInt64

  public init(_ change: StoreChange, ticket: UInt64 = 0) {
    self.change = change
    self.ticket = ticket
  }
}
