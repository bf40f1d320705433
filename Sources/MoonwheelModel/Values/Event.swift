/// A named message for event handlers.
///
/// All properties are behind one reference, since an event is copied from thread to thread.
public struct Event: Sendable, Hashable {
  @usableFromInline
  final class Storage: Sendable {
    @usableFromInline let name: String
    fileprivate let content: Content
    @usableFromInline let source: String
    @usableFromInline let depth: UInt8
    private let hold: MemoryHold
    /// Counts so many bytes until the last copy of the event is gone. An object for each event that does so would cost
    /// 2 % more (SpeedBenchmark `event 100`).
    private let owner: (any MemoryOwner)?
    private let bytes: Int

    fileprivate init(
      _ name: String, _ content: Content, _ source: String, _ depth: UInt8,
      _ hold: MemoryHold = .none, owner: (any MemoryOwner)? = nil, bytes: Int = 0
    ) {
      self.name = name
      self.content = content
      self.source = source
      self.depth = depth
      self.hold = hold
      self.owner = owner
      self.bytes = bytes
    }

    deinit { owner?.letGo(bytes) }
  }

  fileprivate enum Content: Sendable {
    case value(Value)
    case encoded(EncodedValue)
  }

  @usableFromInline let storage: Storage

  /// `hold` is released with the last copy.
  public init(
    name: String, payload: Value = .nil, source: String = "host", depth: UInt8 = 0,
    hold: MemoryHold = .none
  ) {
    storage = Storage(name, .value(payload), source, depth, hold)
  }

  /// An event with a payload that a script sent and nobody has decoded yet.
  public init(name: String, payload: EncodedValue, source: String, depth: UInt8) {
    storage = Storage(name, .encoded(payload), source, depth)
  }

  /// An event for which the owner has counted so many bytes. It lets them go with the last copy.
  public init(
    name: String, payload: EncodedValue, source: String, depth: UInt8, owner: any MemoryOwner,
    bytes: Int
  ) {
    storage = Storage(name, .encoded(payload), source, depth, owner: owner, bytes: bytes)
  }

  /// Parts that are separated by dots.
  @inlinable public var name: String { storage.name }
  /// The script that emitted the event, "host" for the host's own events, or a name that an embedder gave.
  @inlinable public var source: String { storage.source }
  /// The number of events of handlers that led to this one. The host refuses events of a chain that is too long.
  @inlinable public var depth: UInt8 { storage.depth }

  public var payload: Value {
    switch storage.content {
    case .value(let value): value
    case .encoded(let encoded): encoded.value
    }
  }

  /// The encoded payload; nil if the payload is decoded. An event from script to script is never decoded on the way.
  public var encodedPayload: EncodedValue? {
    guard case .encoded(let encoded) = storage.content else { return nil }
    return encoded
  }

  /// This event with its payload decoded, so that several readers need not decode it again.
  public var decoded: Event {
    guard case .encoded(let encoded) = storage.content else { return self }
    return Event(
      name: name, payload: encoded.value, source: source, depth: depth, hold: MemoryHold(storage))
  }

  public static func == (a: Event, b: Event) -> Bool {
    a.name == b.name && a.source == b.source && a.depth == b.depth && a.payload == b.payload
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(name)
    hasher.combine(source)
    hasher.combine(depth)
    hasher.combine(payload)
  }

  /// The table that a handler gets.
  public var value: Value {
    ["name": .string(name), "payload": payload, "source": .string(source)]
  }
}

/// Data that a script sent, in the encoding of its isolate.
public struct EncodedValue: Sendable {
  public let bytes: [UInt8]
  private let decode: @Sendable ([UInt8]) -> Value

  public init(_ bytes: [UInt8], decode: @escaping @Sendable ([UInt8]) -> Value) {
    self.bytes = bytes
    self.decode = decode
  }

  /// Decodes the bytes with each access.
  public var value: Value { decode(bytes) }
}
