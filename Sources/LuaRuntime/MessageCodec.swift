import MoonwheelCore

/// Values as the bridge's flat messages: a tag, then the content; the layout is described in the bridge's codec.c.
enum MessageTag: UInt8 {
  case `nil`, no, yes, integer, number, string, table, handle, callback
}

/// Writes values into a message.
public struct MessageWriter {
  public private(set) var bytes: [UInt8] = []

  public init() {}

  public init(_ values: [Value]) {
    for value in values { append(value) }
  }

  public mutating func append(_ value: Value) {
    switch value {
    case .nil: tag(.nil)
    case .bool(let flag): tag(flag ? .yes : .no)
    case .integer(let integer):
      tag(.integer)
      fixed(integer)
    case .number(let number):
      tag(.number)
      fixed(number.bitPattern)
    case .string(let text): string(text.utf8)
    case .bytes(let raw): string(raw)
    case .list(let values):
      table(list: values.count, pairs: 0)
      for value in values { append(value) }
    case .table(let pairs): table(pairs)
    case .job(let handle):
      tag(.handle)
      fixed(handle.rawValue)
    case .callback(let callback):
      tag(.callback)
      fixed(callback.rawValue)
    }
  }

  private mutating func tag(_ tag: MessageTag) { bytes.append(tag.rawValue) }

  private mutating func fixed(_ value: some FixedWidthInteger) {
    var rest = value.littleEndian
    for _ in 0..<(value.bitWidth / 8) {
      bytes.append(UInt8(truncatingIfNeeded: rest))
      rest >>= 8
    }
  }

  private mutating func string(_ utf8: some Collection<UInt8>) {
    tag(.string)
    fixed(UInt32(utf8.count))
    bytes.append(contentsOf: utf8)
  }

  private mutating func table(list: Int, pairs: Int) {
    tag(.table)
    fixed(UInt32(list))
    fixed(UInt32(pairs))
  }

  /// Pairs go in the order of their encoded keys, so that the same table gives the same bytes.
  private mutating func table(_ pairs: [Value: Value]) {
    table(list: 0, pairs: pairs.count)
    let sorted = pairs.map { (key: MessageWriter([$0.key]).bytes, value: $0.value) }
      .sorted { $0.key.lexicographicallyPrecedes($1.key) }
    for pair in sorted {
      bytes.append(contentsOf: pair.key)
      append(pair.value)
    }
  }
}

/// Reads values out of a message of the bridge, which is well formed by construction; anything else traps.
///
/// Safe although it holds a pointer: it is made and used inside the call that lent the bytes.
@safe
struct MessageReader {
  private let bytes: UnsafeRawBufferPointer
  private var position = 0

  init(_ bytes: UnsafeRawBufferPointer) { unsafe self.bytes = bytes }

  static func values(_ bytes: UnsafeRawBufferPointer) -> [Value] {
    var reader = unsafe MessageReader(bytes)
    var values: [Value] = []
    while reader.position < bytes.count { values.append(reader.value()) }
    return values
  }

  private mutating func fixed<T: FixedWidthInteger>(_ type: T.Type) -> T {
    let value = unsafe bytes.loadUnaligned(fromByteOffset: position, as: type)
    position += MemoryLayout<T>.size
    return T(littleEndian: value)
  }

  mutating func value() -> Value {
    let raw = fixed(UInt8.self)
    guard let tag = MessageTag(rawValue: raw) else {
      preconditionFailure("the bridge sent the unknown tag \(raw)")
    }
    switch tag {
    case .nil: return .nil
    case .no: return .bool(false)
    case .yes: return .bool(true)
    case .integer: return .integer(fixed(Int64.self))
    case .number: return .number(Double(bitPattern: fixed(UInt64.self)))
    case .string: return string()
    case .table: return table()
    case .handle: return .job(JobHandle(rawValue: fixed(UInt64.self)))
    case .callback: return .callback(CallbackID(rawValue: fixed(Int32.self)))
    }
  }

  private mutating func string() -> Value {
    let count = Int(fixed(UInt32.self))
    let range = unsafe UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
    position += count
    guard let text = unsafe String(validating: range, as: UTF8.self) else {
      return .bytes(unsafe Array(range))
    }
    return .string(text)
  }

  private mutating func table() -> Value {
    let count = Int(fixed(UInt32.self))
    let pairCount = Int(fixed(UInt32.self))
    var list: [Value] = []
    list.reserveCapacity(count)
    for _ in 0..<count { list.append(value()) }
    guard pairCount > 0 || count == 0 else { return .list(list) }
    var pairs: [Value: Value] = [:]
    pairs.reserveCapacity(count + pairCount)
    for (index, value) in list.enumerated() { pairs[.integer(Int64(index + 1))] = value }
    for _ in 0..<pairCount {
      let key = value()
      pairs[key] = value()
    }
    return .table(pairs)
  }
}
