import ModuleKit
import ScriptHost
import Transfers
import Triggers

/// The options of a call of `http`, as the script has written them.
struct HTTPOptions {
  /// The function, for messages: `http.get`.
  let word: String
  private let fields: Value

  static let names = [
    "aws", "basic", "bearer", "body", "ca", "cert", "compressed", "connect_timeout", "fail", "form",
    "from", "headers", "insecure", "json", "key", "max_size", "multipart", "proxy", "query",
    "redirects", "retry", "timeout", "to", "unix",
  ]

  init(_ value: Value, _ word: String, known names: [String] = HTTPOptions.names) throws(Mistake) {
    self.word = word
    fields = value
    switch value {
    case .nil, .list([]): return
    case .table(let pairs):
      let known = names.sorted()
      for key in pairs.keys.sorted(by: { $0.described < $1.described }) {
        guard let name = key.text else {
          throw Mistake("\(word): options have names, but there is one under \(key.described)")
        }
        guard !known.contains(name) else { continue }
        let near = Spelling.nearest(to: name, in: known).map { ", did you mean \"\($0)\"?" }
        throw Mistake("\(word): unknown option \"\(name)\"" + (near ?? ""))
      }
    default: throw Mistake("\(word) takes options as a table, not \(value.described)")
    }
  }

  /// Nil if it is missing.
  subscript(name: String) -> Value? {
    guard let value = fields[name], !value.isNil else { return nil }
    return value
  }

  func mistake(_ text: String) -> Mistake { Mistake("\(word): \(text)") }

  func flag(_ name: String, otherwise: Bool) throws(Mistake) -> Bool {
    guard let value = self[name] else { return otherwise }
    guard let flag = value.boolean else {
      throw mistake("\(name) must be true or false, not \(value.described)")
    }
    return flag
  }

  func text(_ name: String) throws(Mistake) -> String? {
    guard let value = self[name] else { return nil }
    guard let text = value.text, !text.isEmpty, !text.utf8.contains(0) else {
      throw mistake("\(name) must be a string, not \(value.described)")
    }
    return text
  }

  /// In nanoseconds.
  func duration(_ name: String, otherwise: Int64) throws(Mistake) -> Int64 {
    guard let value = self[name] else { return otherwise }
    return try LuaAPI.duration(value, "\(word): \(name)")
  }

  func number(_ name: String, in range: ClosedRange<Int64>, otherwise: Int) throws(Mistake) -> Int {
    guard let value = self[name] else { return otherwise }
    guard let number = value.int, range.contains(number) else {
      throw mistake(
        "\(name) must be a whole number from \(range.lowerBound) to \(range.upperBound), not \(value.described)"
      )
    }
    return Int(number)
  }

  func size(_ name: String, otherwise: Int) throws(Mistake) -> Int {
    guard let value = self[name] else { return otherwise }
    let size = value.int.map { Int($0) } ?? value.text.flatMap { MemorySize.bytes($0) }
    guard let size, size > 0 else {
      throw mistake("\(name) must be a size, such as \"10M\", not \(value.described)")
    }
    return size
  }

  /// The named values of an option, sorted, each with one value or several.
  func pairs(_ name: String) throws(Mistake) -> [(name: String, values: [[UInt8]])] {
    guard let value = self[name] else { return [] }
    guard let pairs = value.pairs else {
      throw mistake("\(name) must be a table of names and values, not \(value.described)")
    }
    var found: [(name: String, values: [[UInt8]])] = []
    for (key, value) in pairs {
      guard let key = key.text, !key.isEmpty else {
        throw mistake("\(name): \(key.described) is no name")
      }
      let list: [Value] = if case .list(let list) = value { list } else { [value] }
      var values: [[UInt8]] = []
      for item in list { values.append(try bytes("\(name).\(key)", item)) }
      found.append((key, values))
    }
    return found.sorted { $0.name < $1.name }
  }

  /// A text, a number or a truth value as text.
  func bytes(_ name: String, _ value: Value) throws(Mistake) -> [UInt8] {
    switch value {
    case .string(let text): return Array(text.utf8)
    case .bytes(let bytes): return bytes
    case .integer(let number): return Array("\(number)".utf8)
    case .number(let number) where number.isFinite:
      return Array((Int64(exactly: number).map { "\($0)" } ?? "\(number)").utf8)
    case .bool(let flag): return Array("\(flag)".utf8)
    default: throw mistake("\(name) must be a string or a number, not \(value.described)")
    }
  }
}
