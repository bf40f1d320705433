import JobStore
import MoonwheelModel

/// One thing that every store must do. A test target runs all of them on its store:
///
/// ```swift
/// @Test(arguments: ConformanceCase.all)
/// func `it does what a store does`(_ conformance: ConformanceCase) throws {
///   try conformance.check(on: StoreFactory { MyJobStore(path: path) })
/// }
/// ```
public struct ConformanceCase: Sendable, CustomStringConvertible {
  /// What the store must do, as a sentence.
  public let description: String
  private let body: @Sendable (StoreFactory) throws -> Void

  init(_ description: String, _ body: @escaping @Sendable (StoreFactory) throws -> Void) {
    self.description = description
    self.body = body
  }

  /// Throws a ``Violation``, or what the store has thrown. The factory must begin without any rows.
  public func check(on factory: StoreFactory) throws { try body(factory) }

  /// All there is, from the plain to the random.
  public static var all: [ConformanceCase] {
    jobCases + pendingRunCases + historyCases + queryCases + boundCases + sourceCases + lifeCases
      + randomCases
  }
}

/// Where the stores of a case come from.
public struct StoreFactory: Sendable {
  private let make: @Sendable () throws -> any JobStore

  /// `make` is called again when the store before was closed: what it returns then has what was committed.
  public init(_ make: @escaping @Sendable () throws -> any JobStore) { self.make = make }

  func open() throws -> (any JobStore, StoredState) {
    let store = try make()
    return (store, try store.load())
  }

  /// A loaded store.
  func store() throws -> any JobStore { try open().0 }

  /// Closes a store; what is there when it is opened again.
  func reopen(_ store: any JobStore) throws -> (any JobStore, StoredState) {
    store.close()
    return try open()
  }
}

/// What a store did, and should not have done.
public struct Violation: Error, Sendable, CustomStringConvertible {
  public let description: String
}

func expect(_ condition: Bool, _ what: @autoclosure () -> String) throws {
  guard condition else { throw Violation(description: what()) }
}

func expectEqual<Noun: Equatable>(
  _ found: Noun, _ expected: Noun, _ what: @autoclosure () -> String
) throws {
  try expect(found == expected, "\(what()): found \(found), and not \(expected)")
}

/// The code of the refusal; nil where it was none.
func refusal(_ body: () throws(StoreError) -> Void) -> StoreError.Code? {
  do {
    try body()
    return nil
  } catch {
    return error.code
  }
}
