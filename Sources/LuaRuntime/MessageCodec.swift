import MoonwheelModel

/// The tags of values in the bridge's flat messages. The bridge's codec.c describes the layout.
enum MessageTag: UInt8 {
  case `nil`, no, yes, integer, number, string, table, handle, callback, null, object
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
    case .null: tag(.null)
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
    case .table(let pairs) where pairs.isEmpty: tag(.object)
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

  /// Forgets the message, and gives the storage of a large one back.
  mutating func removeAll() { bytes.removeAll(keepingCapacity: bytes.capacity <= 1 << 16) }

  /// Appends bytes as they are.
  mutating func append(raw: some Collection<UInt8>) { bytes.append(contentsOf: raw) }

  /// Appends name, source and payload of an event, as three values.
  mutating func append(partsOf event: Event) {
    string(event.name.utf8)
    string(event.source.utf8)
    if let payload = event.encodedPayload {
      bytes.append(contentsOf: payload.bytes)
    } else {
      append(event.payload)
    }
  }

  /// Appends an event: a table.
  mutating func append(_ event: Event) {
    guard let payload = event.encodedPayload else { return append(event.value) }
    table(list: 0, pairs: 3)
    string("name".utf8)
    string(event.name.utf8)
    string("source".utf8)
    string(event.source.utf8)
    string("payload".utf8)
    bytes.append(contentsOf: payload.bytes)
  }

  /// Appends the argument of a handler that gathers events: a list.
  public mutating func append(_ events: [Event]) {
    table(list: events.count, pairs: 0)
    for event in events { append(event) }
  }

  private mutating func fixed(_ value: some FixedWidthInteger) {
    unsafe withUnsafeBytes(of: value.littleEndian) { unsafe bytes.append(contentsOf: $0) }
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

  /// Sorts the pairs by their encoded keys, so that equal tables give equal bytes.
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

/// Reads values out of a message of the bridge. Traps on a malformed message, which would be a bug in the bridge.
///
/// Safe although it holds a pointer: it is made and used inside the call that lends the bytes.
@safe
struct MessageReader {
  private let bytes: UnsafeRawBufferPointer
  private var position = 0

  init(_ bytes: UnsafeRawBufferPointer) { unsafe self.bytes = bytes }

  static func values(_ bytes: UnsafeRawBufferPointer) -> [Value] {
    var reader = unsafe MessageReader(bytes)
    var values: [Value] = []
    if bytes.count > 0 { values.reserveCapacity(4) }  // most calls have no more
    while reader.position < bytes.count { values.append(reader.value()) }
    return values
  }

  /// Reads a function's arguments. The one at `place` stays encoded unless it contains a handle or a
  /// callback; those after it are ignored.
  static func arguments(_ bytes: UnsafeRawBufferPointer, rawAt place: Int) -> HostArguments {
    guard place >= 0 else { return unsafe HostArguments(values(bytes)) }
    var reader = unsafe MessageReader(bytes)
    var values: [Value] = []
    while values.count < place, reader.position < bytes.count { values.append(reader.value()) }
    let start = reader.position
    guard start < bytes.count else { return HostArguments(values) }
    guard !reader.skip() else {
      reader.position = start
      return HostArguments(values + [reader.value()])
    }
    let last = unsafe Array(UnsafeRawBufferPointer(rebasing: bytes[start..<reader.position]))
    return HostArguments(values, rawLast: EncodedValue(last, decode: value(of:)))
  }

  private static func value(of message: [UInt8]) -> Value {
    unsafe message.withUnsafeBytes { unsafe values($0).first ?? .nil }
  }

  /// Skips a value. Returns true, before its end, if it contains a handle or a callback.
  private mutating func skip() -> Bool {
    switch tag() {
    case .nil, .no, .yes, .null, .object: return false
    case .integer, .number: position += 8
    case .string: position += Int(fixed(UInt32.self))
    case .table:
      let count = Int(fixed(UInt32.self))
      let pairCount = Int(fixed(UInt32.self))
      for _ in 0..<count + 2 * pairCount where skip() { return true }
    case .handle, .callback: return true
    }
    return false
  }

  private mutating func tag() -> MessageTag {
    let raw = fixed(UInt8.self)
    guard let tag = MessageTag(rawValue: raw) else {
      preconditionFailure("the bridge sent the unknown tag \(raw)")
    }
    return tag
  }

  private mutating func fixed<T: FixedWidthInteger>(_ type: T.Type) -> T {
    let value = unsafe bytes.loadUnaligned(fromByteOffset: position, as: type)
    position += MemoryLayout<T>.size
    return T(littleEndian: value)
  }

  mutating func value() -> Value {
    switch tag() {
    case .nil: return .nil
    case .null: return .null
    case .object: return .table([:])
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
    if unsafe isASCII(range) { return .string(unsafe String(decoding: range, as: UTF8.self)) }
    guard let text = unsafe String(validating: range, as: UTF8.self) else {
      return .bytes(unsafe Array(range))
    }
    return .string(text)
  }

  /// Most texts are ASCII. For them this check and a copy take less time than `String(validating:)`.
  @unsafe
  private func isASCII(_ text: UnsafeRawBufferPointer) -> Bool {
    var place = 0
    while place + 8 <= text.count {
      let word = unsafe text.loadUnaligned(fromByteOffset: place, as: UInt64.self)
      guard word & 0x8080_8080_8080_8080 == 0 else { return false }
      place += 8
    }
    while place < text.count {
      guard unsafe text[place] < 0x80 else { return false }
      place += 1
    }
    return true
  }

  private mutating func table() -> Value {
    let count = Int(fixed(UInt32.self))
    let pairCount = Int(fixed(UInt32.self))
    var list: [Value] = []
    list.reserveCapacity(count)
    for _ in 0..<count { list.append(value()) }
    guard pairCount > 0 else { return .list(list) }
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
