import MoonwheelModel

/// A Swift type that crosses the boundary to a script: as an argument or result of a Swift function that scripts call.
///
/// `Bool`, `Int`, `Int64`, `Double`, `String`, ``Value``, and optionals, arrays, and dictionaries with text keys of these
/// conform. A type of your own conforms by reading and making a ``Value``.
public protocol ValueConvertible: Sendable {
  /// Nil if the value has another type.
  init?(value: Value)
  var value: Value { get }
  /// What a script should have passed, for error messages: `a string`.
  static var expected: String { get }
}

extension Value: ValueConvertible {
  public init?(value: Value) { self = value }
  public var value: Value { self }
  public static var expected: String { "a value" }
}

extension Bool: ValueConvertible {
  public init?(value: Value) {
    guard let flag = value.boolean else { return nil }
    self = flag
  }
  public var value: Value { .bool(self) }
  public static var expected: String { "a boolean" }
}

extension Int: ValueConvertible {
  public init?(value: Value) {
    guard let int = value.int else { return nil }
    self = Int(int)
  }
  public var value: Value { .integer(Int64(self)) }
  public static var expected: String { "an integer" }
}

extension Int64: ValueConvertible {
  public init?(value: Value) {
    guard let int = value.int else { return nil }
    self = int
  }
  public var value: Value { .integer(self) }
  public static var expected: String { "an integer" }
}

extension Double: ValueConvertible {
  public init?(value: Value) {
    guard let double = value.double else { return nil }
    self = double
  }
  public var value: Value { .number(self) }
  public static var expected: String { "a number" }
}

extension String: ValueConvertible {
  public init?(value: Value) {
    guard let text = value.text else { return nil }
    self = text
  }
  public var value: Value { .string(self) }
  public static var expected: String { "a string" }
}

extension Optional: ValueConvertible where Wrapped: ValueConvertible {
  public init?(value: Value) {
    if value.isNil || value.isNull {
      self = .none
    } else if let wrapped = Wrapped(value: value) {
      self = .some(wrapped)
    } else {
      return nil
    }
  }
  public var value: Value { self?.value ?? .nil }
  public static var expected: String { "\(Wrapped.expected) or nil" }
}

extension Array: ValueConvertible where Element: ValueConvertible {
  /// An empty table is an empty list.
  public init?(value: Value) {
    switch value {
    case .list(let values):
      let elements = values.compactMap { Element(value: $0) }
      guard elements.count == values.count else { return nil }
      self = elements
    case .table(let pairs) where pairs.isEmpty: self = []
    default: return nil
    }
  }
  public var value: Value { .list(map(\.value)) }
  public static var expected: String { "a list with \(Element.expected) in each place" }
}

extension Dictionary: ValueConvertible where Key == String, Value: ValueConvertible {
  /// An empty list is an empty table.
  public init?(value: MoonwheelModel.Value) {
    guard let pairs = value.pairs else { return nil }
    self = [:]
    for (key, member) in pairs {
      guard let key = key.text, let member = Value(value: member) else { return nil }
      self[key] = member
    }
  }
  public var value: MoonwheelModel.Value {
    .table(
      reduce(into: [:]) { pairs, member in pairs[.string(member.key)] = member.value.value })
  }
  public static var expected: String { "a table with text keys and \(Value.expected) under each" }
}

/// Reads the arguments of a call one after the other.
package struct ArgumentReader {
  private let arguments: CallArguments
  private let names: [String]
  private var next = 0

  package init(_ arguments: CallArguments, names: [String]) {
    self.arguments = arguments
    self.names = names
  }

  /// The next argument. Throws if it has another type.
  package mutating func read<Argument: ValueConvertible>(
    _ type: Argument.Type
  ) throws(ArgumentError) -> Argument {
    defer { next += 1 }
    let value = arguments[next]
    guard let argument = Argument(value: value) else {
      let name = next < names.count ? " (\(names[next]))" : ""
      throw ArgumentError(
        description:
          "bad argument #\(next + 1)\(name): \(Argument.expected) expected, not \(value.described)")
    }
    return argument
  }
}

/// An argument has another type than the Swift function takes.
package struct ArgumentError: Error, CustomStringConvertible {
  package let description: String
}
