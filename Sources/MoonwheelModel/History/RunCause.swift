/// Why a run has started, and what it got.
public struct RunCause: Sendable, Hashable {
  /// The raw values are those of the store.
  public enum Kind: UInt8, Sendable, CaseIterable {
    /// The trigger's time has come.
    case fire = 1
    /// The handler's event, or events, have come.
    case event
    /// A script or a program asked for it.
    case promise
    /// An attempt before has failed, or was cut off.
    case retry
    /// A fire that was missed is made up for.
    case catchup
  }

  public var kind: Kind
  /// Who asked for it, or sent the event: a script, `host`, or the program.
  public var by: String?
  /// The run that asked for it.
  public var of: Run.ID?
  public var input: RunInput

  public init(
    _ kind: Kind, by: String? = nil, of: Run.ID? = nil, input: RunInput = .none
  ) {
    self.kind = kind
    self.by = by
    self.of = of
    self.input = input
  }

  public static var fire: RunCause { RunCause(.fire) }
}

/// What a run got, as the history keeps it, so that it can be run again.
public enum RunInput: Sendable, Hashable {
  case none
  case arguments(Value)
  indirect case event(Event)
  case events([Event])
  /// It was larger than the history keeps; so many bytes.
  case cut(bytes: Int)

  /// The most bytes that the history keeps of it.
  public static let limit = 16 << 10

  /// Without the events' holds: a record waits for the writer, and who waits for the end of an event must not.
  public init(_ payload: PendingRun.Payload) {
    let size = payload.footprint
    guard size <= Self.limit else {
      self = .cut(bytes: size)
      return
    }
    switch payload {
    case .none: self = .none
    case .arguments(let value): self = .arguments(value)
    case .event(let event): self = .event(event.released)
    case .events(let events): self = .events(events.map(\.released))
    }
  }
}

extension Event {
  /// Without its hold.
  fileprivate var released: Event {
    guard let encodedPayload else {
      return Event(name: name, payload: payload, source: source, depth: depth)
    }
    return Event(name: name, payload: encodedPayload, source: source, depth: depth)
  }
}

/// Identifies the texts from which a script was loaded, its modules included: the first 64 bits of their hash.
public struct SourceVersion: Sendable, Hashable, CustomStringConvertible {
  public var rawValue: UInt64
  public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// 16 hexadecimal digits.
  public var description: String {
    let digits = String(rawValue, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
