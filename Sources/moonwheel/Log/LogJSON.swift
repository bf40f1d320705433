import Logging

/// Spells log records, and the values in them, as JSON (RFC 8259).
enum LogJSON {
  /// One object, without the end of the line; keys in fixed order, fields by name.
  static func line(_ record: LogRecord) -> String {
    var text = "{\"ts\":\"\(LogClock.iso(record.wall))\",\"level\":\"\(record.level.rawValue)\""
    text += ",\"message\":"
    write(record.message, into: &text)
    let places = [
      ("script", record.script), ("job", record.job), ("run", record.run),
      ("event", record.event), ("payload", record.payload),
    ]
    for case (let key, let value?) in places {
      text += ",\"\(key)\":"
      write(value, into: &text)
    }
    if !record.fields.isEmpty {
      text += ",\"fields\":"
      write(.dictionary(record.fields), into: &text)
    }
    text += "}"
    return text
  }

  static func text(_ value: Logger.MetadataValue) -> String {
    var text = ""
    write(value, into: &text)
    return text
  }

  private static func write(_ value: Logger.MetadataValue, into text: inout String) {
    switch value {
    case .string(let string): write(string, into: &text)
    case .stringConvertible(let value): write(value, into: &text)
    case .array(let values):
      text += "["
      for (index, value) in values.enumerated() {
        if index > 0 { text += "," }
        write(value, into: &text)
      }
      text += "]"
    case .dictionary(let pairs):
      text += "{"
      for (index, pair) in pairs.sorted(by: { $0.key < $1.key }).enumerated() {
        if index > 0 { text += "," }
        write(pair.key, into: &text)
        text += ":"
        write(pair.value, into: &text)
      }
      text += "}"
    }
  }

  /// Numbers and booleans keep their type. JSON has no infinity: such a number becomes a string.
  private static func write(_ value: any CustomStringConvertible, into text: inout String) {
    switch value {
    case let flag as Bool: text += flag ? "true" : "false"
    case let integer as any BinaryInteger: text += "\(integer)"
    case let number as Double where number.isFinite: text += "\(number)"
    case let number as Float where number.isFinite: text += "\(number)"
    default: write(value.description, into: &text)
    }
  }

  /// Escapes besides what JSON asks for whatever a terminal or JavaScript takes as a command or the
  /// end of a line: control characters of both sets, U+2028 and U+2029.
  private static func write(_ string: String, into text: inout String) {
    text += "\""
    var rest = string.unicodeScalars[...]
    while let index = rest.firstIndex(where: isEscaped) {
      text += String(rest[..<index])
      escape(rest[index], into: &text)
      rest = rest[rest.index(after: index)...]
    }
    text += String(rest)
    text += "\""
  }

  private static func isEscaped(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x22, 0x5c, 0..<0x20, 0x7f...0x9f, 0x2028, 0x2029: true
    default: false
    }
  }

  private static func escape(_ scalar: Unicode.Scalar, into text: inout String) {
    switch scalar {
    case "\"": text += "\\\""
    case "\\": text += "\\\\"
    case "\n": text += "\\n"
    case "\r": text += "\\r"
    case "\t": text += "\\t"
    default:
      let digits = String(scalar.value, radix: 16)
      text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
  }
}
