/// What is wrong with an entry, and what to write instead.
package struct EntryProblem: Error, Sendable, Hashable, CustomStringConvertible {
  package let description: String

  init(_ description: String) { self.description = description }
}
