import Synchronization

/// What modules keep in one simulation, over the outages of its host.
package final class SimulationScratch: Sendable {
  private let values = Mutex<[ObjectIdentifier: any Sendable]>([:])

  package init() {}

  /// The value of this type, which is made at first. Do not use the scratch in `make`.
  package func value<T: Sendable>(_ type: T.Type, _ make: () -> T) -> T {
    values.withLock { values in
      if let known = values[ObjectIdentifier(type)] as? T { return known }
      let made = make()
      values[ObjectIdentifier(type)] = made
      return made
    }
  }
}
