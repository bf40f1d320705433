/// A position in a text, with the few moves that hand-written parsers need.
struct Cursor {
  let bytes: [UInt8]
  var position = 0
  /// Where the text ends; a field of a longer text ends earlier.
  let end: Int

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    end = bytes.count
  }

  init(_ text: some StringProtocol) {
    self.init(Array(text.utf8))
  }

  init(_ bytes: [UInt8], in range: Range<Int>) {
    self.bytes = bytes
    position = range.lowerBound
    end = range.upperBound
  }

  var atEnd: Bool { position >= end }
  var peek: UInt8? { position < end ? bytes[position] : nil }

  mutating func eat(_ character: Unicode.Scalar) -> Bool {
    guard position < end, bytes[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  /// Passes over what satisfies a condition; returns how many bytes.
  @discardableResult
  mutating func skip(while condition: (UInt8) -> Bool) -> Int {
    let start = position
    while position < end && condition(bytes[position]) { position += 1 }
    return position - start
  }

  @discardableResult
  mutating func skipSpaces() -> Int { skip { isSpace($0) } }

  /// A decimal number without sign; nil where there is none or it exceeds `max`.
  mutating func number(max: Int = 999_999_999) -> Int? {
    let start = position
    var value = 0
    while position < end, let digit = digit(bytes[position]) {
      value = Swift.min(value * 10 + digit, 1_000_000_000_000)
      position += 1
    }
    guard position > start, value <= max else {
      position = start
      return nil
    }
    return value
  }

  /// Letters at the position, in lower case.
  mutating func word() -> String? {
    let start = position
    return skip { isLetter($0) } == 0 ? nil : text(start..<position).lowercased()
  }

  func text(_ range: Range<Int>) -> String {
    String(decoding: bytes[range], as: UTF8.self)
  }

  /// The character's number, from 1, of a byte position.
  func column(of position: Int) -> Int {
    bytes[..<Swift.min(position, bytes.count)].reduce(1) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 }
  }
}

func isLetter(_ byte: UInt8) -> Bool { byte | 32 >= 97 && byte | 32 <= 122 }
func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }
func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (byte >= 9 && byte <= 13) }
private func digit(_ byte: UInt8) -> Int? { isDigit(byte) ? Int(byte) - 48 : nil }

/// Longest text of a trigger that is looked at.
let longestText = 4096
