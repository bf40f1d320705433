import MoonwheelModel

/// The reason why a report cannot be made.
package struct ReportError: Error, CustomStringConvertible {
  package enum Code: Sendable {
    /// The store could not be read.
    case store
    /// The store has no such job.
    case unknownJob
    /// Several scripts have a job of that name.
    case ambiguousJob
    /// The request could not be read.
    case badRequest
    /// The store has no such run.
    case unknownRun
  }

  package let code: Code
  package let description: String

  init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }
}

/// Reads from a store, and throws its error as a ``ReportError``.
func mapStoreError<Answer>(
  _ body: () throws(StoreError) -> Answer
) throws(ReportError) -> Answer {
  do { return try body() } catch { throw ReportError(.store, error.description) }
}
