import JobStore
import MoonwheelModel

/// One behaviour that every store must have. A test target checks all of them on its store:
///
/// ```swift
/// @Test(arguments: ConformanceCase.all)
/// func `the store conforms`(_ conformance: ConformanceCase) throws {
///   try conformance.check(on: StoreFactory { MyJobStore(path: path) })
/// }
/// ```
package struct ConformanceCase: Sendable, CustomStringConvertible {
  /// The behaviour, as a sentence.
  package let description: String
  private let body: @Sendable (StoreFactory) throws -> Void

  init(_ description: String, _ body: @escaping @Sendable (StoreFactory) throws -> Void) {
    self.description = description
    self.body = body
  }

  /// A case that begins with an empty store.
  init(
    _ description: String,
    _ body: @escaping @Sendable (any JobStore, StoreFactory) throws -> Void
  ) {
    self.init(description) { factory in try body(factory.open().0, factory) }
  }

  /// Throws a ``Violation``, or the error that the store threw. The factory's first store must be empty.
  package func check(on factory: StoreFactory) throws { try body(factory) }
}

/// Makes the stores of a case.
package struct StoreFactory: Sendable {
  private let make: @Sendable () throws -> any JobStore

  /// A case calls `make` again after it has closed a store; the new one must have the committed changes of the old one.
  package init(_ make: @escaping @Sendable () throws -> any JobStore) { self.make = make }

  func open() throws -> (any JobStore, StoredState) {
    let store = try make()
    return (store, try store.load())
  }

  /// Closes a store, makes the next one and loads it.
  func reopen(_ store: any JobStore) throws -> (any JobStore, StoredState) {
    store.close()
    return try open()
  }
}

/// A behaviour of a store that breaks a rule. The description says what it did.
package struct Violation: Error, Sendable, CustomStringConvertible {
  package let description: String
}

func expect(_ condition: Bool, _ what: @autoclosure () -> String) throws {
  guard condition else { throw Violation(description: what()) }
}

func expectEqual<T: Equatable>(
  _ found: T, _ expected: T, _ what: @autoclosure () -> String
) throws {
  try expect(found == expected, "\(what()): found \(found), expected \(expected)")
}

/// The code of the error that `body` throws, or nil.
func errorCode(_ body: () throws(StoreError) -> Void) -> StoreError.Code? {
  do {
    try body()
    return nil
  } catch {
    return error.code
  }
}
