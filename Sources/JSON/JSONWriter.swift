/// Writes JSON piece by piece, in one line and without spaces.
///
///     var writer = JSONWriter()
///     writer.beginObject()
///     writer.key("n")
///     writer.write(1)
///     writer.endObject()
///     writer.text  // {"n":1}
///
/// The writer puts commas and escapes. The caller closes what it opens, and gives each member of an object a key.
package struct JSONWriter {
  package private(set) var text = ""
  /// Whether the last thing written was a value, so that another one is separated from it.
  private var followsValue = false

  /// - Parameter capacity: how many bytes of text to make room for.
  package init(capacity: Int = 0) {
    if capacity > 0 { text.reserveCapacity(capacity) }
  }

  package mutating func beginObject() { open("{") }
  package mutating func endObject() { close("}") }
  package mutating func beginArray() { open("[") }
  package mutating func endArray() { close("]") }

  /// The key of the member whose value is written next.
  package mutating func key(_ key: String) {
    separate()
    writeQuoted(key)
    text += ":"
    followsValue = false
  }

  package mutating func writeNull() { writeToken("null") }

  package mutating func write(_ flag: Bool) { writeToken(flag ? "true" : "false") }

  package mutating func write(_ integer: some BinaryInteger) { writeToken("\(integer)") }

  /// The shortest text that reads back as the same number. One that is not finite becomes a string: `"inf"`, `"nan"`.
  package mutating func write(_ number: some BinaryFloatingPoint & CustomStringConvertible) {
    if number.isFinite {
      writeToken(number.description)
    } else {
      write(number.isNaN ? "nan" : number.description)  // the sign of a NaN means nothing
    }
  }

  package mutating func write(_ string: String) {
    separate()
    writeQuoted(string)
    followsValue = true
  }

  package mutating func write(_ value: JSONValue) {
    switch value {
    case .null: writeNull()
    case .bool(let flag): write(flag)
    case .integer(let integer): write(integer)
    case .number(let number): write(number)
    case .string(let string): write(string)
    case .array(let values):
      beginArray()
      for value in values { write(value) }
      endArray()
    case .object(let members):
      beginObject()
      for (key, value) in members {
        self.key(key)
        write(value)
      }
      endObject()
    }
  }

  // MARK: Tokens

  private mutating func open(_ bracket: String) {
    separate()
    text += bracket
    followsValue = false
  }

  private mutating func close(_ bracket: String) {
    text += bracket
    followsValue = true
  }

  private mutating func writeToken(_ token: String) {
    separate()
    text += token
    followsValue = true
  }

  private mutating func separate() {
    if followsValue { text += "," }
  }
}

extension JSONValue: CustomStringConvertible {
  /// The JSON text, in one line and without spaces.
  package var description: String {
    var writer = JSONWriter()
    writer.write(self)
    return writer.text
  }
}

// MARK: - Strings

extension JSONWriter {
  /// Most strings need no escape: one pass over their bytes shows it, and they are copied as a whole.
  private mutating func writeQuoted(_ string: String) {
    text += "\""
    if string.utf8.contains(where: Self.mayNeedEscape) {
      writeEscaped(string)
    } else {
      text += string
    }
    text += "\""
  }

  /// The bytes that are escaped, and the first bytes of U+0080...U+00BF and U+2000...U+2FFF, of which some are.
  private static func mayNeedEscape(_ byte: UInt8) -> Bool {
    switch byte {
    case 0..<0x20, 0x22, 0x5c, 0x7f, 0xc2, 0xe2: true
    default: false
    }
  }

  /// JSON demands some escapes. The others could command a terminal, or end a line of JavaScript: the control
  /// characters of both sets, U+2028 and U+2029, and the marks of direction.
  private mutating func writeEscaped(_ string: String) {
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\0"..<" ", "\u{7f}"..."\u{9f}", "\u{2028}"..."\u{202e}", "\u{2066}"..."\u{2069}":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
  }
}
