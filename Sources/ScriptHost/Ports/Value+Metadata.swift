import Logging
import MoonwheelModel

extension Value {
  /// The value in the log's form; numbers and booleans keep their type.
  package var metadata: Logger.MetadataValue {
    switch self {
    case .nil: .string("nil")
    case .null: .string("null")
    case .bool(let flag): .stringConvertible(flag)
    case .integer(let integer): .stringConvertible(integer)
    case .number(let number): .stringConvertible(number)
    case .string, .bytes: .string(printed)
    case .list(let values): .array(values.map(\.metadata))
    case .table(let pairs):
      .dictionary(
        Dictionary(
          pairs.map { ($0.key.text ?? $0.key.described, $0.value.metadata) },
          uniquingKeysWith: { first, _ in first }))
    case .callback, .job: .string(described)
    }
  }
}
