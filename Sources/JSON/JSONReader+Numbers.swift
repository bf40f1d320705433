extension JSONReader {
  mutating func number() throws(JSONError) -> JSONValue {
    let start = position
    var isInteger = true
    _ = eat("-")
    if !eat("0") { try digits() }
    if eat(".") {
      isInteger = false
      try digits()
    }
    if eat("e") || eat("E") {
      isInteger = false
      if !eat("-") { _ = eat("+") }
      try digits()
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isInteger, let integer = Int64(text) { return .integer(integer) }
    guard let number = Double(text), number.isFinite else {
      throw error(.outOfRange, "a number is out of range", at: start)
    }
    return .number(number)
  }

  /// At least one.
  private mutating func digits() throws(JSONError) {
    guard isAtDigit else { throw unexpected("a digit") }
    while isAtDigit { position += 1 }
  }

  var isAtNumber: Bool { isAtDigit || peek == UInt8(ascii: "-") }

  private var isAtDigit: Bool {
    peek.map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? false
  }
}
