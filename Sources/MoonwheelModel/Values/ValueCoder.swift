/// Values as bytes, for stores. Each value begins with a tag. Lengths and integers are LEB128. The keys of tables have
/// a defined order, so that equal values have equal bytes. Functions and handles become nil.
extension Value {
  private enum Tag: UInt8 {
    case `nil`, no, yes, integer, number, string, bytes, list, table, null
  }

  /// The value as bytes; see the top of this file.
  public var encoded: [UInt8] {
    var bytes: [UInt8] = []
    encode(into: &bytes)
    return bytes
  }

  private func encode(into bytes: inout [UInt8]) {
    switch self {
    case .nil, .callback, .job: bytes.append(Tag.nil.rawValue)
    case .null: bytes.append(Tag.null.rawValue)
    case .bool(let flag): bytes.append((flag ? Tag.yes : Tag.no).rawValue)
    case .integer(let integer):
      bytes.append(Tag.integer.rawValue)
      Self.append(UInt64(bitPattern: integer << 1 ^ integer >> 63), to: &bytes)
    case .number(let number):
      bytes.append(Tag.number.rawValue)
      for shift in stride(from: 0, to: 64, by: 8) {
        bytes.append(UInt8(truncatingIfNeeded: number.bitPattern >> UInt64(shift)))
      }
    case .string(let text): Self.append(.string, Array(text.utf8), to: &bytes)
    case .bytes(let content): Self.append(.bytes, content, to: &bytes)
    case .list(let values):
      bytes.append(Tag.list.rawValue)
      Self.append(UInt64(values.count), to: &bytes)
      for value in values { value.encode(into: &bytes) }
    case .table(let pairs):
      bytes.append(Tag.table.rawValue)
      Self.append(UInt64(pairs.count), to: &bytes)
      let sorted = pairs.map { ($0.key.encoded, $0.value) }
        .sorted { $0.0.lexicographicallyPrecedes($1.0) }
      for (key, value) in sorted {
        bytes += key
        value.encode(into: &bytes)
      }
    }
  }

  private static func append(_ tag: Tag, _ content: [UInt8], to bytes: inout [UInt8]) {
    bytes.append(tag.rawValue)
    append(UInt64(content.count), to: &bytes)
    bytes += content
  }

  private static func append(_ number: UInt64, to bytes: inout [UInt8]) {
    var rest = number
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  /// Returns nil for bytes that ``encoded`` did not make.
  public init?(encoded bytes: some RandomAccessCollection<UInt8>) {
    var rest = Array(bytes)[...]
    guard let value = Self.decode(&rest, depth: 0), rest.isEmpty else { return nil }
    self = value
  }

  /// The deepest nesting of tables, more than any message of a script has.
  private static let deepest = 250

  private static func decode(_ bytes: inout ArraySlice<UInt8>, depth: Int) -> Value? {
    guard depth <= deepest, let first = bytes.popFirst(), let tag = Tag(rawValue: first) else {
      return nil
    }
    switch tag {
    case .nil: return .nil
    case .null: return .null
    case .no: return .bool(false)
    case .yes: return .bool(true)
    case .integer:
      return number(&bytes).map { .integer(Int64(bitPattern: $0 >> 1) ^ -Int64($0 & 1)) }
    case .number:
      guard bytes.count >= 8 else { return nil }
      let pattern = bytes.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      bytes = bytes.dropFirst(8)
      return .number(Double(bitPattern: pattern))
    case .string: return content(&bytes).map { .string(String(decoding: $0, as: UTF8.self)) }
    case .bytes: return content(&bytes).map { .bytes(Array($0)) }
    case .list:
      guard let count = count(&bytes, least: 1) else { return nil }
      var values: [Value] = []
      values.reserveCapacity(count)
      for _ in 0..<count {
        guard let value = decode(&bytes, depth: depth + 1) else { return nil }
        values.append(value)
      }
      return .list(values)
    case .table:
      guard let count = count(&bytes, least: 2) else { return nil }
      var pairs: [Value: Value] = [:]
      for _ in 0..<count {
        guard let key = decode(&bytes, depth: depth + 1),
          let value = decode(&bytes, depth: depth + 1)
        else { return nil }
        pairs[key] = value
      }
      return .table(pairs)
    }
  }

  private static func number(_ bytes: inout ArraySlice<UInt8>) -> UInt64? {
    var result: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      guard let byte = bytes.popFirst() else { return nil }
      result |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return result }
    }
    return nil
  }

  /// Reads a count of items that take at least `least` bytes each; nil if there are not enough bytes for them.
  private static func count(_ bytes: inout ArraySlice<UInt8>, least: Int) -> Int? {
    guard let count = number(&bytes), count <= UInt64(bytes.count / least) else { return nil }
    return Int(count)
  }

  private static func content(_ bytes: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    guard let count = count(&bytes, least: 1) else { return nil }
    defer { bytes = bytes.dropFirst(count) }
    return bytes.prefix(count)
  }
}
