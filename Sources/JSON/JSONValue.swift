/// A JSON value (RFC 8259). An object keeps its members in their order.
package enum JSONValue: Sendable {
  case null
  case bool(Bool)
  /// A number without fraction and exponent that fits: exact.
  case integer(Int64)
  /// Any other number. One that is not finite is written as text, since JSON has no spelling for it.
  case number(Double)
  case string(String)
  case array([JSONValue])
  /// Keys may repeat; ``subscript(_:)`` gives the first.
  case object([Member])

  package typealias Member = (key: String, value: JSONValue)

  /// The value of the first member under a key, compared by bytes; nil where there is none, and for what is no object.
  package subscript(_ key: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key.utf8.elementsEqual(key.utf8) }?.value
  }
}

extension JSONValue: Equatable {
  /// Texts are equal by their bytes, and members by their order too.
  package static func == (a: JSONValue, b: JSONValue) -> Bool {
    switch (a, b) {
    case (.null, .null): true
    case (.bool(let a), .bool(let b)): a == b
    case (.integer(let a), .integer(let b)): a == b
    case (.number(let a), .number(let b)): a == b
    case (.string(let a), .string(let b)): a.utf8.elementsEqual(b.utf8)
    case (.array(let a), .array(let b)): a == b
    case (.object(let a), .object(let b)):
      a.elementsEqual(b) { $0.key.utf8.elementsEqual($1.key.utf8) && $0.value == $1.value }
    default: false
    }
  }
}
