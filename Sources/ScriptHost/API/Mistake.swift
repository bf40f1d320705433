import MoonwheelModel

/// A programmer's mistake, raised in the script with the position of the call.
package struct Mistake: Error {
  package let text: String
  package init(_ text: String) { self.text = text }
}

extension Value {
  /// The value for messages: its text if it is short, else its type.
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
