import ModuleKit
import ScriptHost
import Triggers

/// The options of a call of `fs`: a table, or nothing.
struct FileOptions {
  private let pairs: [Value: Value]

  /// Throws if it is not a table of these names.
  init(_ value: Value, _ function: String, _ names: [String]) throws {
    switch value {
    case .nil: pairs = [:]
    case .list(let values) where values.isEmpty: pairs = [:]
    case .table(let table): pairs = table
    default:
      throw FileMistake("the options of \(function) must be a table, not \(value.described)")
    }
    for key in pairs.keys where !names.contains(key.text ?? "") {
      let word = key.text ?? key.described
      let near = Spelling.nearest(to: word, in: names).map { "; did you mean \"\($0)\"?" }
      let list = names.map { "\"\($0)\"" }.joined(separator: ", ")
      throw FileMistake(
        "\(function) has no option \"\(word)\"\(near ?? "; there are \(list)")")
    }
  }

  func flag(_ name: String, otherwise: Bool) throws -> Bool {
    switch pairs[.string(name)] {
    case nil, .nil?: return otherwise
    case .bool(let flag)?: return flag
    case let other?:
      throw FileMistake("\(name) must be true or false, not \(other.described)")
    }
  }

  /// A number of bytes, or a text such as `"20M"`.
  func size(_ name: String, otherwise: Int, atMost limit: Int) throws -> Int {
    guard let value = pairs[.string(name)], !value.isNil else { return otherwise }
    let size = value.text.map { MemorySize.bytes($0) } ?? value.int.map { Int($0) }
    guard let size, size >= 0 else {
      throw FileMistake(
        "\(name) must be a number of bytes or a size like \"20M\", not \(value.described)")
    }
    guard size <= limit else {
      throw FileMistake("\(name) is at most \(Bytes.text(limit)), not \(Bytes.text(size))")
    }
    return size
  }

  /// Rights as in `chmod`, such as `"640"`; nil if there are none.
  func mode(_ name: String) throws -> UInt32? {
    guard let value = pairs[.string(name)], !value.isNil else { return nil }
    guard let text = value.text, let mode = UInt32(text, radix: 8), mode <= 0o777 else {
      throw FileMistake(
        "\(name) must be a string of octal digits like \"640\", not \(value.described)")
    }
    return mode
  }
}
