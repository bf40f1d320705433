/// Data that crosses the boundary between a script and the host. Always a copy.
///
/// A table whose keys are exactly 1...n arrives as ``list(_:)``, any other as ``table(_:)``. An empty table arrives as an
/// empty list, unless the script has marked it as an object (`json.object`, or `{}` in JSON). An empty ``table(_:)`` arrives
/// in a script as an empty table with that mark.
/// Lua strings are bytes: those that are not UTF-8 arrive as ``bytes(_:)``.
public enum Value: Sendable, Hashable {
  case `nil`
  /// `json.null`: a value that says that there is none. Unlike `nil` it can be an element of a list or a table.
  case null
  case bool(Bool)
  case integer(Int64)
  case number(Double)
  case string(String)
  case bytes([UInt8])
  case list([Value])
  case table([Value: Value])
  /// A Lua function, only in the arguments of a host function that accepts callbacks.
  case callback(CallbackID)
  /// A job handle, only between a script and its own host functions.
  case job(JobHandle)
}

/// Identifies a Lua function that its isolate keeps for the host.
public struct CallbackID: Sendable, Hashable {
  /// No function.
  @inlinable public static var none: CallbackID { CallbackID(rawValue: 0) }

  public var rawValue: Int32
  @inlinable public init(rawValue: Int32) { self.rawValue = rawValue }
}

/// A script's reference to a job: its index in the generation's registrations, and a count that detects that the index
/// has been given to another job.
public struct JobHandle: Sendable, Hashable {
  public var index: UInt32
  public var reuse: UInt32

  public init(index: UInt32, reuse: UInt32) {
    self.index = index
    self.reuse = reuse
  }

  public init(rawValue: UInt64) {
    self.init(index: UInt32(truncatingIfNeeded: rawValue), reuse: UInt32(rawValue >> 32))
  }

  public var rawValue: UInt64 { UInt64(reuse) << 32 | UInt64(index) }
}

/// Texts are equal when their bytes are, as in Lua, and not when they are canonically equivalent, as in Swift.
extension Value {
  public static func == (a: Value, b: Value) -> Bool {
    switch (a, b) {
    case (.nil, .nil), (.null, .null): true
    case (.bool(let a), .bool(let b)): a == b
    case (.integer(let a), .integer(let b)): a == b
    case (.number(let a), .number(let b)): a == b
    case (.string(let a), .string(let b)): a.utf8.elementsEqual(b.utf8)
    case (.bytes(let a), .bytes(let b)): a == b
    case (.list(let a), .list(let b)): a == b
    case (.table(let a), .table(let b)): a == b
    case (.callback(let a), .callback(let b)): a == b
    case (.job(let a), .job(let b)): a == b
    default: false
    }
  }

  public func hash(into hasher: inout Hasher) {
    switch self {
    case .nil: hasher.combine(0)
    case .null: hasher.combine(1)
    case .bool(let flag): hasher.combine(flag)
    case .integer(let integer): hasher.combine(integer)
    case .number(let number): hasher.combine(number)
    case .string(let text): Self.hash(text, into: &hasher)
    case .bytes(let bytes): hasher.combine(bytes)
    case .list(let values): hasher.combine(values)
    case .table(let pairs): hasher.combine(pairs)
    case .callback(let callback): hasher.combine(callback)
    case .job(let handle): hasher.combine(handle)
    }
  }

  /// Hashes the bytes, eight at once.
  static func hash(_ text: String, into hasher: inout Hasher) {
    var word: UInt64 = 0
    var count = 0
    for byte in text.utf8 {
      word = word << 8 | UInt64(byte)
      count &+= 1
      if count & 7 == 0 { hasher.combine(word) }
    }
    hasher.combine(word)
    hasher.combine(count)
  }
}

extension Value {
  /// The member of a table under a text key; nil for any other value.
  public subscript(key: String) -> Value? {
    guard case .table(let pairs) = self else { return nil }
    return pairs[.string(key)]
  }

  /// The member of a list or table, counted from 1 as in Lua; nil for any other value, and out of range.
  public subscript(index: Int) -> Value? {
    switch self {
    case .list(let values) where values.indices.contains(index - 1): values[index - 1]
    case .table(let pairs): pairs[.integer(Int64(index))]
    default: nil
    }
  }

  public var isNil: Bool {
    if case .nil = self { true } else { false }
  }

  public var isNull: Bool {
    if case .null = self { true } else { false }
  }

  /// The pairs of a table; none for an empty list, since Lua has one empty table. Nil for any other value.
  public var pairs: [Value: Value]? {
    switch self {
    case .table(let pairs): pairs
    case .list(let values) where values.isEmpty: [:]
    default: nil
    }
  }

  public var text: String? {
    guard case .string(let text) = self else { return nil }
    return text
  }

  /// An integer or a float.
  public var double: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  /// An integer, or a float that is one.
  public var int: Int64? {
    switch self {
    case .integer(let value): value
    case .number(let value): Int64(exactly: value)
    default: nil
    }
  }

  public var boolean: Bool? {
    guard case .bool(let value) = self else { return nil }
    return value
  }

  /// The result of Lua's `type`; "null" and "job" for what is a userdata there.
  public var typeName: String {
    switch self {
    case .nil: "nil"
    case .null: "null"
    case .bool: "boolean"
    case .integer, .number: "number"
    case .string, .bytes: "string"
    case .list, .table: "table"
    case .callback: "function"
    case .job: "job"
    }
  }
}

extension Value: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral,
  ExpressibleByNilLiteral
{
  public init(stringLiteral value: String) { self = .string(value) }
  public init(integerLiteral value: Int64) { self = .integer(value) }
  public init(floatLiteral value: Double) { self = .number(value) }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(nilLiteral: ()) { self = .nil }
  public init(arrayLiteral elements: Value...) { self = .list(elements) }
  public init(dictionaryLiteral elements: (String, Value)...) {
    var pairs: [Value: Value] = [:]
    for (key, value) in elements { pairs[.string(key)] = value }
    self = .table(pairs)
  }
}
