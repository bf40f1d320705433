/// Something that happened, told by name.
///
/// Behind one reference: an event goes through many hands, and what it holds through none of them alone.
public struct Event: Sendable, Hashable {
  private final class Storage: Sendable {
    let name: String
    let content: Content
    let source: String
    let depth: UInt8

    init(_ name: String, _ content: Content, _ source: String, _ depth: UInt8) {
      self.name = name
      self.content = content
      self.source = source
      self.depth = depth
    }
  }

  private enum Content: Sendable {
    case value(Value)
    case encoded(EncodedValue)
  }

  private let storage: Storage

  public init(name: String, payload: Value = .nil, source: String = "host", depth: UInt8 = 0) {
    storage = Storage(name, .value(payload), source, depth)
  }

  /// With a payload that a script sent and that nobody has looked at yet.
  public init(name: String, payload: EncodedValue, source: String, depth: UInt8) {
    storage = Storage(name, .encoded(payload), source, depth)
  }

  /// Parts separated by dots.
  public var name: String { storage.name }
  /// The script that emitted it, "host" for the host's own, or what an embedder gave.
  public var source: String { storage.source }
  /// How many events of handlers led to this one; a chain is cut when it gets too long.
  public var depth: UInt8 { storage.depth }

  public var payload: Value {
    switch storage.content {
    case .value(let value): value
    case .encoded(let encoded): encoded.value
    }
  }

  /// The payload, where it has not been looked at: from one script to another it need not be.
  public var encodedPayload: EncodedValue? {
    guard case .encoded(let encoded) = storage.content else { return nil }
    return encoded
  }

  /// The same with a payload that has been read: for several who look at it.
  public var read: Event {
    guard case .encoded(let encoded) = storage.content else { return self }
    return Event(name: name, payload: encoded.value, source: source, depth: depth)
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

  /// What a handler gets.
  public var value: Value {
    ["name": .string(name), "payload": payload, "source": .string(source)]
  }
}

/// Data that a script sent, as its isolate wrote it.
public struct EncodedValue: Sendable {
  public let bytes: [UInt8]
  private let read: @Sendable ([UInt8]) -> Value

  public init(_ bytes: [UInt8], read: @escaping @Sendable ([UInt8]) -> Value) {
    self.bytes = bytes
    self.read = read
  }

  /// Read anew each time.
  public var value: Value { read(bytes) }
}
