import JSON
import MoonwheelModel

extension JSONValue {
  /// Converts data of a script. Keys become texts; a function or a job handle becomes null. Where keys have equal texts,
  /// as 1 and "1", the table becomes `{"$table":[[1,"a"],["1","b"]]}`.
  package init(_ value: Value) {
    switch value {
    case .nil, .null: self = .null
    case .bool(let flag): self = .bool(flag)
    case .integer(let integer): self = .integer(integer)
    case .number(let number): self = .number(number)
    case .string(let text): self = .string(text)
    case .bytes(let bytes): self = .string(String(decoding: bytes, as: UTF8.self))
    case .list(let values): self = .array(values.map { JSONValue($0) })
    case .table(let pairs): self = Self.object(pairs)
    case .callback, .job: self = .null
    }
  }

  private static func object(_ pairs: [Value: Value]) -> JSONValue {
    let named = pairs.map {
      (key: $0.key.text ?? JSONValue($0.key).description, value: JSONValue($0.value))
    }
    if Set(named.map { Array($0.key.utf8) }).count == named.count {
      return .object(named.sorted { $0.key < $1.key })
    }
    let rows = pairs.map { JSONValue.array([JSONValue($0.key), JSONValue($0.value)]) }
    return .object([("$table", .array(rows.sorted { $0.description < $1.description }))])
  }
}

extension Value {
  /// Converts JSON to data for a script, as `json.decode` does: an object becomes a table, an array a list. Null stays
  /// null, but a member that is null is left out.
  ///
  /// A number with a fraction or an exponent becomes a float, as in Lua. Of equal keys, the first counts.
  package init(_ json: JSONValue) {
    switch json {
    case .null: self = .null
    case .bool(let flag): self = .bool(flag)
    case .integer(let integer): self = .integer(integer)
    case .number(let number): self = .number(number)
    case .string(let text): self = .string(text)
    case .array(let values): self = .list(values.map { Value($0) })
    case .object(let members):
      let pairs = members.map { (Value.string($0.key), Value($0.value)) }
      self = .table(Dictionary(pairs) { first, _ in first }.filter { !$0.value.isNull })
    }
  }
}
