/// The reason why a report cannot be made, besides a ``StoreError``.
package struct ReportError: Error, CustomStringConvertible {
  package enum Code: Sendable {
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
