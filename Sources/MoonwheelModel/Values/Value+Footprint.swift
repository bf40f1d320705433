extension PendingRun.Payload {
  /// As that of its values.
  public var footprint: Int {
    switch self {
    case .none: 0
    case .arguments(let value): value.footprint
    case .event(let event): event.footprint
    case .events(let events): events.reduce(48) { $0 + 8 + $1.footprint }
    }
  }
}

extension RunInput {
  public var footprint: Int {
    switch self {
    case .none, .cut: 0
    case .arguments(let value): value.footprint
    case .event(let event): event.footprint
    case .events(let events): events.reduce(48) { $0 + 8 + $1.footprint }
    }
  }
}

extension Event {
  fileprivate var footprint: Int {
    128 + Value.footprint(of: name)
      + (encodedPayload.map { 48 + $0.bytes.count } ?? payload.footprint)
  }
}

extension Value {
  /// About how many bytes of memory it takes beside itself: 0 for a number or a short text.
  ///
  /// A decoded value can be much larger than its encoding: a table of a thousand empty tables has 2 KB of it, and takes
  /// 100 KB.
  public var footprint: Int {
    switch self {
    case .nil, .null, .bool, .integer, .number, .callback, .job: 0
    case .string(let text): Self.footprint(of: text)
    case .bytes(let bytes): bytes.isEmpty ? 0 : Self.object + bytes.count
    case .list(let values) where values.isEmpty: 0
    case .list(let values):
      values.reduce(Self.object + values.count * MemoryLayout<Value>.stride) { $0 + $1.footprint }
    case .table(let pairs):
      pairs.reduce(Self.footprint(ofPairs: pairs.count)) {
        $0 + $1.key.footprint + $1.value.footprint
      }
    }
  }

  /// The header of an object, and what the allocator adds.
  private static let object = 48

  /// A text of up to 15 bytes needs no memory of its own.
  public static func footprint(of text: String) -> Int {
    let count = text.utf8.count
    return count > 15 ? object + count : 0
  }

  /// A dictionary has room for a power of two of pairs, of which it uses three quarters.
  private static func footprint(ofPairs count: Int) -> Int {
    guard count > 0 else { return 0 }
    var room = 1
    while room * 3 < count * 4 { room *= 2 }
    return object + 16 + room * 2 * MemoryLayout<Value>.stride + room / 8
  }
}
