/// The bytes of a Lua file, before Lua compiles them.
package enum SourceText {
  /// The text without what the command `lua` skips, too: a byte order mark, and a first line that begins with `#`. The
  /// line's end stays, so that lines keep their numbers.
  package static func stripped(_ text: [UInt8]) -> [UInt8] {
    let start = text.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    guard start < text.count, text[start] == UInt8(ascii: "#") else {
      return start == 0 ? text : Array(text[start...])
    }
    let end = text[start...].firstIndex { $0 == 10 || $0 == 13 } ?? text.count
    return Array(text[end...])
  }

  /// The character that keeps a text from being Lua, with its line and what to write instead: nil if it is not a
  /// character. Only for a text that Lua has refused; strings and comments may have any character.
  package static func problem(in text: [UInt8]) -> (line: Int, message: String)? {
    if isWide(text) {
      return (1, "the text is UTF-16 or UTF-32, and a script is UTF-8: save it as UTF-8")
    }
    var lexer = Lexer(text)
    while true {
      let token: Token
      do throws(SyntaxError) { token = try lexer.next() } catch {
        return quote(afterOpenString: lexer.start, in: text).map { describe($0, text, lexer.line) }
      }
      switch token {
      case .end: return nil
      case .name, .sign, .number:
        let bytes = text[lexer.start..<lexer.position]
        guard let place = bytes.firstIndex(where: { $0 > 126 || $0 < 32 }) else { continue }
        return describe(place, text, lexer.line)
      case .keyword, .string: continue
      }
    }
  }

  private static func isWide(_ text: [UInt8]) -> Bool {
    let head = text.prefix(64)
    return head.starts(with: [0xFF, 0xFE]) || head.starts(with: [0xFE, 0xFF])
      || (head.count > 3 && head.count { $0 == 0 } * 3 >= head.count)
  }

  /// A typographic quote on the line of a string that does not end: `"hello”`.
  private static func quote(afterOpenString start: Int, in text: [UInt8]) -> Int? {
    var place = start
    while place < text.count, text[place] != 10, text[place] != 13 {
      if text[place] > 127, let (scalar, _) = decode(text, at: place), quotes[scalar] != nil {
        return place
      }
      place += 1
    }
    return nil
  }

  // MARK: Characters

  private static func describe(
    _ place: Int, _ text: [UInt8], _ line: Int
  ) -> (line: Int, message: String) {
    var first = place
    while first > 0, text[first - 1] != 10, text[first - 1] != 13 { first -= 1 }
    let column = text[first..<place].count { $0 & 0xC0 != 0x80 } + 1
    guard let (scalar, _) = decode(text, at: place) else {
      return (
        line,
        "byte 0x\(hex(UInt32(text[place]), 2)) at column \(column) is not UTF-8: save the text as UTF-8"
      )
    }
    let (kind, cure) = meaning(of: scalar)
    let code = "U+" + hex(scalar.value, 4)
    let shown = isVisible(scalar) ? "\(scalar) (\(code))" : code
    return (line, "\(shown) at column \(column) is \(kind): \(cure)")
  }

  private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .spaceSeparator, .lineSeparator, .paragraphSeparator, .surrogate,
      .unassigned, .privateUse:
      false
    default: true
    }
  }

  private static func hex(_ value: UInt32, _ width: Int) -> String {
    let digits = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  /// The character at a place, and its length in bytes; nil if it is not UTF-8.
  private static func decode(_ text: [UInt8], at place: Int) -> (Unicode.Scalar, Int)? {
    var bytes = text[place..<min(place + 4, text.count)].makeIterator()
    var decoder = UTF8()
    guard case .scalarValue(let scalar) = decoder.decode(&bytes) else { return nil }
    return (scalar, UTF8.width(scalar))
  }

  private static let quotes: [Unicode.Scalar: String] = {
    var quotes: [Unicode.Scalar: String] = [:]
    for scalar in "“”„‟«»″".unicodeScalars { quotes[scalar] = "\"" }
    for scalar in "‘’‚‛‹›′´".unicodeScalars { quotes[scalar] = "'" }
    return quotes
  }()

  private static let signs: [Unicode.Scalar: String] = [
    "–": "-", "—": "-", "−": "-", "‐": "-", "‑": "-", "…": "...", "×": "*", "÷": "/", "≤": "<=",
    "≥": ">=", "≠": "~=",
  ]

  private static func meaning(of scalar: Unicode.Scalar) -> (kind: String, cure: String) {
    if let quote = quotes[scalar] { return ("a typographic quote", "write \(quote)") }
    if let sign = signs[scalar] { return ("a typographic sign", "write \(sign)") }
    switch scalar.value {
    case 0: return ("a NUL byte, which no text has", "delete it, or save the text as UTF-8")
    case 0xA0, 0x1680, 0x2000...0x200A, 0x202F, 0x205F, 0x3000:
      return ("no ordinary space", "write one")
    case 0xAD, 0x200B...0x200F, 0x202A...0x202E, 0x2060...0x2069, 0xFEFF:
      return ("an invisible character", "delete it")
    case 0x2028, 0x2029: return ("no ordinary line end", "write one")
    case 0..<32, 127...0x9F: return ("a control character", "delete it")
    case 0xFF01...0xFF5E:
      let ascii = Unicode.Scalar(UInt8(scalar.value - 0xFEE0))
      return ("a character of full width", "write \(ascii)")
    default:
      return ("no part of Lua", "names have letters a to z, digits and _; put it into a string")
    }
  }
}
