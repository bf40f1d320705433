import MoonwheelModel
import Moonwheel

extension JSONText {
  /// Data of a script. JSON has neither infinity nor keys that are no text: these are written as text.
  init(_ value: Value) {
    switch value {
    case .nil: self = .null
    case .bool(let flag): self = .bool(flag)
    case .integer(let integer): self = .integer(Int(integer))
    case .number(let number): self = number.isFinite ? .number(number) : .string("\(number)")
    case .string(let text): self = .string(text)
    case .bytes(let bytes): self = .string(String(decoding: bytes, as: UTF8.self))
    case .list(let values): self = .array(values.map { JSONText($0) })
    case .table(let pairs):
      let named = pairs.map { ($0.key.text ?? JSONText($0.key).description, JSONText($0.value)) }
      self = .object(named.sorted { $0.0 < $1.0 })
    case .callback, .job: self = .null
    }
  }
}
