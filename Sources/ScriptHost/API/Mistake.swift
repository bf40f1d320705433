import MoonwheelModel

/// A mistake of the programmer: raised in the script, with its position.
package struct Mistake: Error {
  package let text: String
  package init(_ text: String) { self.text = text }
}

extension Value {
  /// For messages: the type, and the text of what is short.
  package var described: String {
    switch self {
    case .nil: "nil"
    case .bool(let flag): "\(flag)"
    case .integer(let integer): "\(integer)"
    case .number(let number): "\(number)"
    case .string(let text) where text.utf8.count <= 40: "\"\(text)\""
    case .string, .bytes: "a string"
    case .list, .table: "a table"
    case .callback: "a function"
    case .job: "a job"
    }
  }
}
