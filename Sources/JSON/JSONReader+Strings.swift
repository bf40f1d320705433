extension JSONReader {
  /// Reads a string, whose quote is there.
  mutating func string() throws(JSONError) -> String {
    let quote = position
    position += 1
    var text = ""
    var start = position
    while let byte = peek {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        let piece: String
        do {
          piece = String(copying: try UTF8Span(validating: bytes[start..<position].span))
        } catch {
          throw self.error(.notUnicode, "a string is not UTF-8", at: quote)
        }
        guard byte == UInt8(ascii: "\\") else {
          position += 1
          return text.isEmpty ? piece : text + piece
        }
        text += piece
        text.unicodeScalars.append(try escape())
        start = position
      case 0..<0x20: throw unexpected("a character of a string")
      default: position += 1
      }
    }
    throw error(.unfinished, "a string does not end", at: quote)
  }

  /// Reads what begins with a backslash; two escapes where the first is half of a surrogate pair.
  private mutating func escape() throws(JSONError) -> Unicode.Scalar {
    let start = position
    let high = try escapedUnit()
    if let scalar = Unicode.Scalar(high) { return scalar }
    guard (0xd800..<0xdc00).contains(high), peek == UInt8(ascii: "\\") else {
      throw unpairedSurrogate(at: start)
    }
    let low = try escapedUnit()
    guard (0xdc00..<0xe000).contains(low),
      let scalar = Unicode.Scalar(0x10000 + (high - 0xd800) << 10 + (low - 0xdc00))
    else { throw unpairedSurrogate(at: start) }
    return scalar
  }

  private func unpairedSurrogate(at place: Int) -> JSONError {
    error(.notUnicode, "half of a surrogate pair, without the other one", at: place)
  }

  /// One escape as a unit of UTF-16.
  private mutating func escapedUnit() throws(JSONError) -> UInt32 {
    position += 1
    guard let kind = peek else { throw unexpected("an escape") }
    let simple: UInt32? =
      switch kind {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): UInt32(kind)
      case UInt8(ascii: "b"): 0x08
      case UInt8(ascii: "f"): 0x0c
      case UInt8(ascii: "n"): 0x0a
      case UInt8(ascii: "r"): 0x0d
      case UInt8(ascii: "t"): 0x09
      default: nil
      }
    if let simple {
      position += 1
      return simple
    }
    guard kind == UInt8(ascii: "u") else {
      throw unexpected("one of \" \\ / b f n r t u after a backslash")
    }
    position += 1
    var unit: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = peek.flatMap({ Character(Unicode.Scalar($0)).hexDigitValue }) else {
        throw unexpected("four hexadecimal digits after \\u")
      }
      unit = unit << 4 | UInt32(digit)
      position += 1
    }
    return unit
  }
}
