/// Reads the tokens of a Lua 5.4 text (manual, 3.1). Bytes above 127 are read as letters, so that a text with other
/// mistakes than these is read to its end.
struct Lexer {
  private let text: [UInt8]
  /// After the last token.
  private(set) var position = 0
  /// Where the last token begins.
  private(set) var start = 0
  /// The line of the last token, from 1.
  private(set) var line = 1

  init(_ text: [UInt8]) { self.text = text }

  private func byte(_ ahead: Int = 0) -> UInt8 {
    position + ahead < text.count ? text[position + ahead] : 0
  }

  mutating func next() throws(SyntaxError) -> Token {
    start = position
    try skipBlanks()
    start = position
    guard position < text.count else { return .end }
    let first = byte()
    if Self.isLetter(first) { return word() }
    if Self.isDigit(first) || (first == UInt8(ascii: ".") && Self.isDigit(byte(1))) {
      return number()
    }
    if first == UInt8(ascii: "\"") || first == UInt8(ascii: "'") { return try shortString(first) }
    if first == UInt8(ascii: "["), let level = longBracket() {
      let start = position + level + 2
      try skipLong(level)
      let end = position - level - 2
      return .string(String(decoding: text[start..<max(start, end)], as: UTF8.self))
    }
    return sign()
  }

  // MARK: Blanks and comments

  private mutating func skipBlanks() throws(SyntaxError) {
    while position < text.count {
      switch byte() {
      case 10, 13: skipNewline()
      case UInt8(ascii: " "), 9, 11, 12: position += 1
      case UInt8(ascii: "-") where byte(1) == UInt8(ascii: "-"):
        position += 2
        if byte() == UInt8(ascii: "["), let level = longBracket() {
          try skipLong(level)
        } else {
          while position < text.count, !Self.isNewline(byte()) { position += 1 }
        }
      default: return
      }
    }
  }

  /// Two different bytes of a line end are one line end.
  private mutating func skipNewline() {
    let first = byte()
    position += 1
    if Self.isNewline(byte()), byte() != first { position += 1 }
    line += 1
  }

  /// The number of `=` in the opening long bracket here; nil if there is none.
  private func longBracket() -> Int? {
    var level = 0
    while byte(level + 1) == UInt8(ascii: "=") { level += 1 }
    return byte(level + 1) == UInt8(ascii: "[") ? level : nil
  }

  private mutating func skipLong(_ level: Int) throws(SyntaxError) {
    position += level + 2
    while position < text.count {
      if Self.isNewline(byte()) {
        skipNewline()
        continue
      }
      if byte() == UInt8(ascii: "]") {
        var count = 0
        while count < level, byte(count + 1) == UInt8(ascii: "=") { count += 1 }
        if count == level, byte(count + 1) == UInt8(ascii: "]") {
          position += level + 2
          return
        }
      }
      position += 1
    }
    throw SyntaxError()
  }

  // MARK: Words, constants, signs

  private mutating func word() -> Token {
    let start = position
    while Self.isLetter(byte()) || Self.isDigit(byte()) { position += 1 }
    let word = String(decoding: text[start..<position], as: UTF8.self)
    return Keyword(rawValue: word).map { .keyword($0) } ?? .name(word)
  }

  private mutating func number() -> Token {
    let isHex = byte() == UInt8(ascii: "0") && byte(1) | 32 == UInt8(ascii: "x")
    let exponent = isHex ? UInt8(ascii: "p") : UInt8(ascii: "e")
    if isHex { position += 2 }
    while true {
      let next = byte()
      let isSign = next == UInt8(ascii: "+") || next == UInt8(ascii: "-")
      guard
        Self.isDigit(next) || Self.isLetter(next) || next == UInt8(ascii: ".")
          || (isSign && text[position - 1] | 32 == exponent)
      else { return .number }
      position += 1
    }
  }

  private mutating func shortString(_ quote: UInt8) throws(SyntaxError) -> Token {
    position += 1
    let start = position
    var hasEscapes = false
    while position < text.count, byte() != quote {
      switch byte() {
      case 10, 13: throw SyntaxError()
      case UInt8(ascii: "\\"):
        hasEscapes = true
        skipEscape()
      default: position += 1
      }
    }
    guard position < text.count else { throw SyntaxError() }
    position += 1
    guard !hasEscapes else { return .string(nil) }
    return .string(String(decoding: text[start..<position - 1], as: UTF8.self))
  }

  /// Skips a backslash and the byte after it; all blanks after `\z`.
  private mutating func skipEscape() {
    position += 1
    guard !Self.isNewline(byte()) else { return skipNewline() }
    let skipsBlanks = byte() == UInt8(ascii: "z")
    position += 1
    while skipsBlanks, Self.isBlank(byte()) {
      if Self.isNewline(byte()) { skipNewline() } else { position += 1 }
    }
  }

  private mutating func sign() -> Token {
    let end = min(position + signLength(), text.count)
    defer { position = end }
    return .sign(String(decoding: text[position..<end], as: UTF8.self))
  }

  private func signLength() -> Int {
    switch (byte(), byte(1)) {
    case (UInt8(ascii: "."), UInt8(ascii: ".")): byte(2) == UInt8(ascii: ".") ? 3 : 2
    case (UInt8(ascii: "="), UInt8(ascii: "=")), (UInt8(ascii: "~"), UInt8(ascii: "=")),
      (UInt8(ascii: "<"), UInt8(ascii: "=")), (UInt8(ascii: ">"), UInt8(ascii: "=")),
      (UInt8(ascii: "<"), UInt8(ascii: "<")), (UInt8(ascii: ">"), UInt8(ascii: ">")),
      (UInt8(ascii: "/"), UInt8(ascii: "/")), (UInt8(ascii: ":"), UInt8(ascii: ":")):
      2
    default: 1
    }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    let lower = byte | 32
    return (lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "z")) || byte == UInt8(ascii: "_")
      || byte > 127
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
  }

  private static func isNewline(_ byte: UInt8) -> Bool { byte == 10 || byte == 13 }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || (byte >= 9 && byte <= 13)
  }
}
