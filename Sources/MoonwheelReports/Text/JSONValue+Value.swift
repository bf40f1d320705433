import JSON
import MoonwheelModel

extension JSONValue {
  /// Data of a script. A key that is no text is written as text; a function and a job handle are null.
  package init(_ value: Value) {
    switch value {
    case .nil: self = .null
    case .bool(let flag): self = .bool(flag)
    case .integer(let integer): self = .integer(integer)
    case .number(let number): self = .number(number)
    case .string(let text): self = .string(text)
    case .bytes(let bytes): self = .string(String(decoding: bytes, as: UTF8.self))
    case .list(let values): self = .array(values.map { JSONValue($0) })
    case .table(let pairs):
      let named = pairs.map {
        (key: $0.key.text ?? JSONValue($0.key).description, value: JSONValue($0.value))
      }
      self = .object(named.sorted { $0.key < $1.key })
    case .callback, .job: self = .null
    }
  }
}

extension Value {
  /// A JSON value as data for a script: null is nil, an object is a table, an array a list.
  ///
  /// A number that is whole and fits is an integer, however it is written. Of keys that repeat, the first counts.
  package init(_ json: JSONValue) {
    switch json {
    case .null: self = .nil
    case .bool(let flag): self = .bool(flag)
    case .integer(let integer): self = .integer(integer)
    case .number(let number): self = Int64(exactly: number).map { .integer($0) } ?? .number(number)
    case .string(let text): self = .string(text)
    case .array(let values): self = values.isEmpty ? .table([:]) : .list(values.map { Value($0) })
    case .object(let members):
      let pairs = members.map { (Value.string($0.key), Value($0.value)) }
      self = .table(Dictionary(pairs) { first, _ in first })
    }
  }
}
