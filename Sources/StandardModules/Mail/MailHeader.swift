/// Lines of a mail's head, encoded and folded: ASCII, at most 76 characters a line where that is possible.
enum MailHeader {
  private static let width = 76
  /// Bytes of one encoded word. It has 75 characters at most (RFC 2047), and one fits beside most names.
  private static let wordBytes = 39

  /// A header of free text.
  static func text(_ name: String, _ value: String) -> String {
    fold(name, needsEncoding(value) ? words(value) : value.split(separator: " ").map(String.init))
  }

  static func addresses(_ name: String, _ list: [MailAddress]) -> String {
    let tokens = list.enumerated().flatMap { index, address in
      let end = index + 1 < list.count ? "," : ""
      return phrase(address.name)
        + [(address.name.isEmpty ? address.address : "<\(address.address)>") + end]
    }
    return fold(name, tokens)
  }

  /// The name of an address.
  private static func phrase(_ name: String) -> [String] {
    guard !name.isEmpty else { return [] }
    guard !needsEncoding(name) else { return words(name) }
    let isAtoms = name.utf8.allSatisfy {
      $0.isLetterOrDigit || " !#$%&'*+-/=?^_`{|}~".utf8.contains($0)
    }
    guard !isAtoms else { return name.split(separator: " ").map(String.init) }
    let quoted = name.map { "\"\\".contains($0) ? "\\\($0)" : String($0) }.joined()
    return ["\"\(quoted)\""]
  }

  /// Spaces at the ends, or several side by side, would be lost, and what looks like an encoded word would be decoded.
  private static func needsEncoding(_ text: String) -> Bool {
    !text.utf8.allSatisfy { (32..<127).contains($0) } || text.contains("=?") || text.contains("  ")
      || text.first == " " || text.last == " "
      || text.split(separator: " ").contains { $0.utf8.count > 70 }
  }

  /// RFC 2047. No character is cut in two.
  private static func words(_ text: String) -> [String] {
    var words: [String] = []
    var bytes: [UInt8] = []
    for scalar in text.unicodeScalars {
      let next = Array(String(scalar).utf8)
      if bytes.count + next.count > wordBytes {
        words.append(word(bytes))
        bytes = []
      }
      bytes += next
    }
    return words + (bytes.isEmpty ? [] : [word(bytes)])
  }

  private static func word(_ bytes: [UInt8]) -> String {
    "=?UTF-8?B?\(String(decoding: MailEncoding.base64(bytes), as: UTF8.self))?="
  }

  private static func fold(_ name: String, _ tokens: [String]) -> String {
    var text = name + ":"
    var column = text.utf8.count
    for (index, token) in tokens.enumerated() {
      if index > 0 || column > 24, column + 1 + token.utf8.count > width {
        text += "\r\n"
        column = 0
      }
      text += " " + token
      column += 1 + token.utf8.count
    }
    return text + "\r\n"
  }

  /// A file's name as a parameter: of ASCII as it is, any other by RFC 2231, in pieces if it is long.
  static func fileName(_ name: String) -> String {
    let isAtom = name.utf8.allSatisfy {
      $0.isLetterOrDigit || " !#$&+-.^_`{|}~()@,'=".utf8.contains($0)
    }
    if isAtom, name.utf8.count <= 60 { return ";\r\n filename=\"\(name)\"" }
    var pieces: [String] = []
    var piece = "UTF-8''"
    for byte in name.utf8 {
      let next =
        byte.isLetterOrDigit || "-._~".utf8.contains(byte)
        ? String(Unicode.Scalar(byte)) : "%" + MailEncoding.hex(byte)
      if piece.utf8.count + next.utf8.count > 56 {
        pieces.append(piece)
        piece = ""
      }
      piece += next
    }
    pieces.append(piece)
    guard pieces.count > 1 else { return ";\r\n filename*=\(pieces[0])" }
    return pieces.enumerated().map { ";\r\n filename*\($0)*=\($1)" }.joined()
  }
}
