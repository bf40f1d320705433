import ModuleKit
import ScriptHost
import Triggers

/// A wrong argument of `sh`: an error in the script, at the call.
struct ShellMistake: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = "sh: " + description }
}

/// What a program reads.
enum ShellInput: Sendable {
  case bytes([UInt8])
  /// A path, as the script wrote it.
  case file([UInt8])
}

/// What a script says about a program beside its words.
struct ShellOptions: Sendable {
  /// As written; nil is the folder of the script.
  var cwd: String?
  var environment: [(name: String, value: [UInt8])] = []
  var input = ShellInput.bytes([])
  /// The path of the file that gets stdout, as the script wrote it.
  var to: [UInt8]?
  /// In nanoseconds, as the next.
  var timeout: Int64?
  var killAfter: Int64 = 5_000_000_000
  /// In bytes, of each stream.
  var maxOutput = 1 << 20
  var logs = true
  var okCodes: Set<Int64> = [0]
  var shell = "sh"
  var nice: Int32 = 0
  /// Bytes, and seconds.
  var memory: UInt64?
  var cpu: UInt64?
  var isConfined = true
  /// Whether what it leaves in the background goes on.
  var detaches = false

  private static let names = [
    "confine", "cpu", "cwd", "detach", "env", "kill_after", "log", "max_output", "memory", "nice",
    "ok_codes",
    "shell", "stdin", "timeout", "to",
  ]
  private static let largestOutput = 16 << 20

  /// - Parameter command: a list of words may have options as named fields, too.
  init(_ command: Value, _ options: Value) throws(ShellMistake) {
    if case .table(let fields) = command { try read(fields.filter { $0.key.text != nil }) }
    switch options {
    case .nil: break
    case .table(let fields): try read(fields)
    case .list(let list) where list.isEmpty: break
    default: throw ShellMistake("the options must be a table, not \(options.described)")
    }
  }

  private mutating func read(_ fields: [Value: Value]) throws(ShellMistake) {
    for (key, value) in fields {
      guard let name = key.text else {
        throw ShellMistake("options have names, but there is one under \(key.described)")
      }
      try read(name, value)
    }
  }

  private mutating func read(_ name: String, _ value: Value) throws(ShellMistake) {
    switch name {
    case "cwd": cwd = try Self.text(name, value)
    case "env": environment = try Self.environment(value)
    case "stdin": input = try Self.input(value)
    case "to": to = try Self.path(name, value)
    case "detach": detaches = try Self.flag(name, value)
    case "timeout": timeout = try Self.duration(name, value)
    case "kill_after": killAfter = try Self.duration(name, value)
    case "max_output": maxOutput = try Self.size(name, value, atMost: Self.largestOutput)
    case "log": logs = try Self.flag(name, value)
    case "ok_codes": okCodes = try Self.codes(value)
    case "shell": shell = try Self.text(name, value)
    case "nice": nice = Int32(try Self.integer(name, value, in: 0...19))
    case "memory": memory = UInt64(try Self.size(name, value, atMost: .max))
    case "cpu": cpu = UInt64(try Self.duration(name, value).quotientRoundedUp(by: 1_000_000_000))
    case "confine": isConfined = try Self.flag(name, value)
    default:
      let near = Spelling.nearest(to: name, in: Self.names).map { ", did you mean \"\($0)\"?" }
      throw ShellMistake("unknown option \"\(name)\"" + (near ?? ""))
    }
  }
}

/// Kinds of values.
extension ShellOptions {
  /// A text without zeros, which would end it.
  static func text(_ name: String, _ value: Value) throws(ShellMistake) -> String {
    guard let text = value.text, !text.utf8.contains(0) else {
      throw ShellMistake("\(name) must be a string without zeros, not \(value.described)")
    }
    return text
  }

  static func bytes(_ name: String, _ value: Value) throws(ShellMistake) -> [UInt8] {
    switch value {
    case .string(let text): return Array(text.utf8)
    case .bytes(let bytes): return bytes
    default: throw ShellMistake("\(name) must be a string, not \(value.described)")
    }
  }

  static func input(_ value: Value) throws(ShellMistake) -> ShellInput {
    guard case .table(let fields) = value else { return .bytes(try bytes("stdin", value)) }
    guard fields.count == 1, let path = fields["file"] else {
      throw ShellMistake("stdin must be a string, or { file = path }")
    }
    return .file(try Self.path("stdin.file", path))
  }

  static func path(_ name: String, _ value: Value) throws(ShellMistake) -> [UInt8] {
    let path = try bytes(name, value)
    guard !path.isEmpty, path.count < 4_096, !path.contains(0) else {
      throw ShellMistake("\(name) is no path: it is empty, too long or has a byte of zero")
    }
    return path
  }

  static func flag(_ name: String, _ value: Value) throws(ShellMistake) -> Bool {
    guard case .bool(let flag) = value else {
      throw ShellMistake("\(name) must be true or false, not \(value.described)")
    }
    return flag
  }

  static func integer(
    _ name: String, _ value: Value, in range: ClosedRange<Int64>
  ) throws(ShellMistake) -> Int64 {
    guard let integer = value.int, range.contains(integer) else {
      throw ShellMistake(
        "\(name) must be an integer from \(range.lowerBound) to \(range.upperBound), not \(value.described)"
      )
    }
    return integer
  }

  static func duration(_ name: String, _ value: Value) throws(ShellMistake) -> Int64 {
    switch value {
    case .integer(let seconds) where seconds > 0 && seconds < 1 << 32:
      return seconds * 1_000_000_000
    case .number(let seconds) where seconds > 0 && seconds < 4e9: return Int64(seconds * 1e9)
    case .string(let text):
      do throws(TriggerError) { return try DurationText.parse(text) } catch {
        throw ShellMistake("\(name): \(error)")
      }
    default:
      throw ShellMistake("\(name) must be a duration such as \"10s\", not \(value.described)")
    }
  }

  static func size(
    _ name: String, _ value: Value, atMost limit: Int
  ) throws(ShellMistake) -> Int {
    let size = value.int.map { Int($0) } ?? value.text.flatMap { MemorySize.bytes($0) }
    guard let size, size > 0, size <= limit else {
      let most = limit == .max ? "" : " of at most \(MemorySize.rounded(limit))"
      throw ShellMistake("\(name) must be a size\(most), such as \"512K\", not \(value.described)")
    }
    return size
  }

  private static func codes(_ value: Value) throws(ShellMistake) -> Set<Int64> {
    let list: [Value] = if case .list(let list) = value { list } else { [value] }
    let codes = list.compactMap(\.int)
    guard codes.count == list.count, !codes.isEmpty else {
      throw ShellMistake("ok_codes must be a list of exit codes, such as { 0, 1 }")
    }
    return Set(codes)
  }

  /// What would make a program run code of the script's choice, or hide which one it is.
  private static func isRefused(_ name: String) -> Bool {
    ["PATH", "IFS", "BASH_ENV", "ENV"].contains(name)
      || ["LD_", "DYLD_", "MOONWHEEL_"].contains { name.hasPrefix($0) }
  }

  private static func environment(
    _ value: Value
  ) throws(ShellMistake) -> [(name: String, value: [UInt8])] {
    guard case .table(let table) = value else {
      if case .list(let list) = value, list.isEmpty { return [] }
      throw ShellMistake("env must be a table of names and texts, not \(value.described)")
    }
    var entries: [(name: String, value: [UInt8])] = []
    for (key, value) in table {
      guard let name = key.text, !name.isEmpty,
        !name.utf8.contains(where: { $0 == 0 || $0 == UInt8(ascii: "=") })
      else { throw ShellMistake("env: \(key.described) is no name of a variable") }
      guard !isRefused(name) else {
        throw ShellMistake("env: \(name) cannot be set: it would change what is run")
      }
      let text: [UInt8] =
        switch value {
        case .integer(let integer): Array("\(integer)".utf8)
        default: try bytes("env.\(name)", value)
        }
      guard !text.contains(0) else {
        throw ShellMistake("env.\(name) has a byte of zero, which no variable can hold")
      }
      entries.append((name, text))
    }
    return entries.sorted { $0.name < $1.name }
  }
}

extension Int64 {
  fileprivate func quotientRoundedUp(by divisor: Int64) -> Int64 {
    self / divisor + (self % divisor == 0 ? 0 : 1)
  }
}
