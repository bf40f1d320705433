/// Cuts bytes that come in pieces into lines of text.
struct LineSplitter {
  /// The longest line, in bytes. A longer one is cut where a character begins.
  static let limit = 8 << 10

  private var line: [UInt8] = []

  /// Calls the body with each line that is complete now. If it answers false, the other lines of these bytes are left out,
  /// so that a flood costs little.
  mutating func add(_ bytes: ArraySlice<UInt8>, _ body: (String) -> Bool) {
    var rest = bytes
    while !rest.isEmpty {
      let end = rest.firstIndex(of: UInt8(ascii: "\n"))
      line += rest[..<(end ?? rest.endIndex)]
      rest = end.map { rest[($0 + 1)...] } ?? []
      while line.count > Self.limit {
        let cut = Self.boundary(in: line)
        guard body(Self.text(line[..<cut])) else { return leaveOut(rest) }
        line.removeFirst(cut)
      }
      guard end != nil else { continue }
      guard body(Self.text(line[...])) else { return leaveOut(rest) }
      line.removeAll(keepingCapacity: true)
    }
  }

  /// Goes on with the last line of what is left.
  private mutating func leaveOut(_ rest: ArraySlice<UInt8>) {
    let start = rest.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? rest.startIndex
    line = Array(rest[start...].suffix(Self.limit))
  }

  /// Calls the body with what is left without an end of line.
  mutating func finish(_ body: (String) -> Bool) {
    guard !line.isEmpty else { return }
    _ = body(Self.text(line[...]))
    line = []
  }

  /// At most `limit`, and not within a character.
  private static func boundary(in line: [UInt8]) -> Int {
    let continuations = line.prefix(limit + 1).suffix(4).reversed().prefix { $0 & 0xc0 == 0x80 }
      .count
    return continuations > 3 ? limit : limit - continuations
  }

  /// The text, with `\xNN` in place of each byte that is no UTF-8.
  static func text(_ bytes: ArraySlice<UInt8>) -> String {
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    var text = ""
    var rest = bytes
    while let first = rest.first {
      let length = characterLength(first)
      if let character = String(validating: rest.prefix(length), as: UTF8.self) {
        text += character
        rest = rest.dropFirst(length)
      } else {
        let digits = String(first, radix: 16)
        text += digits.utf8.count < 2 ? "\\x0\(digits)" : "\\x\(digits)"
        rest = rest.dropFirst()
      }
    }
    return text
  }

  private static func characterLength(_ first: UInt8) -> Int {
    switch first {
    case 0xc0..<0xe0: 2
    case 0xe0..<0xf0: 3
    case 0xf0...: 4
    default: 1
    }
  }
}
