import JSON
import MoonwheelModel

extension JSONValue {
  /// Converts data of a script. Keys become texts; a function or a job handle becomes null.
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
  /// Converts JSON to data for a script: null becomes nil, an object a table, an array a list.
  ///
  /// A whole number that fits becomes an integer, however it is written. Of equal keys, the first counts.
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
