import JobStore

/// The store of a scheduler, and who writes to it.
struct StoreAccess: Sendable {
  let store: any JobStore
  let writer: StoreWriter?
  /// Who is told of changed keys.
  let watch = KeyWatch()
  let expiry = KeyExpiry()
}
