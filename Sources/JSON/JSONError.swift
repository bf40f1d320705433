/// The reason why a text is not JSON, and the place.
package struct JSONError: Error, Hashable, CustomStringConvertible {
  package enum Code: Sendable {
    /// The text ends before its value does.
    case unfinished
    /// A character that is not allowed at its place.
    case unexpected
    /// A number that no `Double` holds.
    case outOfRange
    /// A string that is not UTF-8, or has half of a surrogate pair.
    case notUnicode
    /// More arrays and objects within each other than the reader takes.
    case tooDeep
  }

  package let code: Code
  /// The reason, without the place.
  package let message: String
  /// Both count from 1; the column counts bytes.
  package let line: Int
  package let column: Int

  /// `line 2, column 5: expected a value, not "}"`
  package var description: String { "line \(line), column \(column): \(message)" }
}
