import JobStore

/// The store of a scheduler, and who writes to it.
struct StoreAccess: Sendable {
  let store: any JobStore
  let writer: StoreWriter?
  /// Who is told of changed keys.
  let watch = KeyWatch()
  let expiry = KeyExpiry()
}

extension ScriptEnvironment {
  package var store: any JobStore { storage.store }
  /// The store's writer; nil in a simulation, which writes between two turns.
  package var writer: StoreWriter? { storage.writer }
}
