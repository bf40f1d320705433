/// How contents are written so that every server takes them: lines of ASCII that end with CR and LF.
enum MailEncoding {
  /// The most bytes of a line (RFC 5322).
  private static let longestLine = 998
  private static let width = 76
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  private static let digits = Array("0123456789ABCDEF".utf8)

  static func hex(_ byte: UInt8) -> String {
    String(decoding: [digits[Int(byte >> 4)], digits[Int(byte & 15)]], as: UTF8.self)
  }

  static func base64(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity((bytes.count + 2) / 3 * 4)
    var index = 0
    while index < bytes.count {
      let left = bytes.count - index
      let second = left > 1 ? bytes[index + 1] : 0
      let third = left > 2 ? bytes[index + 2] : 0
      let group = Int(bytes[index]) << 16 | Int(second) << 8 | Int(third)
      result.append(alphabet[group >> 18])
      result.append(alphabet[group >> 12 & 63])
      result.append(left > 1 ? alphabet[group >> 6 & 63] : UInt8(ascii: "="))
      result.append(left > 2 ? alphabet[group & 63] : UInt8(ascii: "="))
      index += 3
    }
    return result
  }

  /// In lines, with the one at the end.
  static func base64Lines(_ bytes: [UInt8]) -> [UInt8] {
    let text = base64(bytes)
    var result: [UInt8] = []
    result.reserveCapacity(text.count + text.count / width * 2 + 2)
    for start in stride(from: 0, to: text.count, by: width) {
      result += text[start..<min(start + width, text.count)]
      result += [13, 10]
    }
    return result
  }

  /// The text with the name of its encoding: as it is, quoted-printable, or base64, whichever suits it.
  static func text(_ text: String) -> (name: String, content: [UInt8]) {
    let lines = lines(of: text)
    let isASCIIText = lines.allSatisfy { line in
      line.count <= longestLine && line.allSatisfy { (32..<127).contains($0) || $0 == 9 }
    }
    if isASCIIText { return ("7bit", lines.flatMap { $0 + [13, 10] }) }
    let odd = lines.reduce(0) { $0 + $1.count { $0 < 32 || $0 > 126 } }
    if odd * 5 > text.utf8.count {
      return ("base64", base64Lines(lines.flatMap { $0 + [13, 10] }))
    }
    return ("quoted-printable", lines.flatMap { quoted($0) })
  }

  /// Each without its end, which may be CR, LF or both.
  private static func lines(of text: String) -> [[UInt8]] {
    var lines: [[UInt8]] = []
    var line: [UInt8] = []
    var wasReturn = false
    for byte in text.utf8 {
      if byte == 13 || byte == 10 && !wasReturn {
        lines.append(line)
        line = []
      } else if byte != 10 {
        line.append(byte)
      }
      wasReturn = byte == 13
    }
    return line.isEmpty ? lines : lines + [line]
  }

  /// A line as quoted-printable (RFC 2045), with its end.
  private static func quoted(_ line: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var column = 0
    for (index, byte) in line.enumerated() {
      let isLast = index + 1 == line.count
      let isSpace = byte == 32 || byte == 9
      let isKept = isSpace && !isLast || (33..<127).contains(byte) && byte != UInt8(ascii: "=")
      let next =
        isKept ? [byte] : [UInt8(ascii: "="), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      if column + next.count > width - 1 {
        result += [UInt8(ascii: "="), 13, 10]
        column = 0
      }
      result += next
      column += next.count
    }
    return result + [13, 10]
  }
}
