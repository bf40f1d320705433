/// A position in a text, with the few operations that hand-written parsers need, and the errors about the text.
struct Cursor {
  let bytes: [UInt8]
  /// The beginning of error messages, such as `every`.
  private let label: String
  var position = 0
  /// The end of the text, or of the part of it that is read.
  private(set) var end: Int

  init(_ bytes: [UInt8], label: String = "") {
    self.bytes = bytes
    self.label = label
    end = bytes.count
  }

  init(_ text: some StringProtocol, label: String = "") {
    self.init(Array(text.utf8), label: label)
  }

  /// A cursor that reads a part of the same text.
  func within(_ range: Range<Int>) -> Cursor {
    var cursor = self
    cursor.position = range.lowerBound
    cursor.end = range.upperBound
    return cursor
  }

  var atEnd: Bool { position >= end }
  var peek: UInt8? { position < end ? bytes[position] : nil }

  mutating func eat(_ character: Unicode.Scalar) -> Bool {
    guard position < end, bytes[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  /// Skips bytes while a condition holds. Returns how many.
  @discardableResult
  mutating func skip(while condition: (UInt8) -> Bool) -> Int {
    let start = position
    while position < end && condition(bytes[position]) { position += 1 }
    return position - start
  }

  @discardableResult
  mutating func skipSpaces() -> Int { skip { isSpace($0) } }

  /// A decimal number without sign; nil if there is none, or it exceeds `max`.
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

  /// The letters at the position, in lower case; nil if there are none.
  mutating func word() -> String? {
    let start = position
    return skip { isLetter($0) } == 0 ? nil : text(start..<position).lowercased()
  }

  /// The text from the position to the end.
  var rest: String { text(position..<end) }

  func text(_ range: Range<Int>) -> String {
    String(decoding: bytes[range], as: UTF8.self)
  }

  /// The number of the character at a byte position, counted from 1.
  func column(of position: Int) -> Int {
    bytes[..<Swift.min(position, bytes.count)].reduce(1) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 }
  }

  /// The whole text.
  var source: String { text(bytes.indices) }

  /// The beginning of error messages: the label and the whole text, as in `every "10 sex"`.
  var subject: String { label + " " + quoted(source) }

  func error(
    _ code: TriggerError.Code, _ what: String, at position: Int, hint: String? = nil
  ) -> TriggerError {
    TriggerError(code, "\(subject): \(what)", column: column(of: position), hint: hint)
  }
}

func isLetter(_ byte: UInt8) -> Bool { byte | 32 >= 97 && byte | 32 <= 122 }
func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }
func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (byte >= 9 && byte <= 13) }
private func digit(_ byte: UInt8) -> Int? { isDigit(byte) ? Int(byte) - 48 : nil }

/// How many bytes the text of a trigger may have.
let longestText = 4096
