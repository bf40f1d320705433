import MoonwheelModel

/// A programmer's mistake, raised in the script with the position of the call.
package struct Mistake: Error, CustomStringConvertible {
  package let text: String
  package init(_ text: String) { self.text = text }
  package var description: String { text }
}

extension Value {
  /// The value for messages: its text if it is short, else its type.
  package var described: String {
    switch self {
    case .nil: "nil"
    case .null: "null"
    case .bool(let flag): "\(flag)"
    case .integer(let integer): "\(integer)"
    case .number(let number): "\(number)"
    case .string(let text) where text.utf8.count <= 40: "\"\(text)\""
    case .string: "a string"
    case .bytes: "a string that is not UTF-8"
    case .list, .table: "a table"
    case .callback: "a function"
    case .job: "a job"
    }
  }
}

extension Value {
  /// What `convert` makes of the value. Throws that it must be `kind` if that is nil; `name` names it in the message.
  func read<Result>(
    _ name: @autoclosure () -> String, as kind: @autoclosure () -> String,
    _ convert: (Value) -> Result?
  ) throws(Mistake) -> Result {
    guard let result = convert(self) else {
      throw Mistake("\(name()) must be \(kind()), not \(described)")
    }
    return result
  }

  var callback: CallbackID? {
    if case .callback(let callback) = self { callback } else { nil }
  }

  func integer(in range: ClosedRange<Int>) -> Int? {
    int.flatMap { Int(exactly: $0) }.flatMap { range.contains($0) ? $0 : nil }
  }

  func number(in range: ClosedRange<Double>) -> Double? {
    double.flatMap { range.contains($0) ? $0 : nil }
  }
}
