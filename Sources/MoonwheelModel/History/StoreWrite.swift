/// A change for the store, and who waits for it.
public struct StoreWrite: Sendable {
  public var change: StoreChange
  /// The driver returns the ticket in `Input.stored` when the change is safe; 0 if nothing waits for it.
  public var ticket: UInt64

  public init(_ change: StoreChange, ticket: UInt64 = 0) {
    self.change = change
    self.ticket = ticket
  }
}
