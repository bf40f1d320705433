/// The code of a Swift or C file: its text without comments and string literals, so that words in
/// them count for nothing. What is interpolated into a string is code, and stays.
struct SourceCode {
  private let text: [UInt8]
  private var position = 0
  private var output: [UInt8] = []

  /// The code of `text`, with its line breaks where they were.
  static func stripped(_ text: String) -> String {
    var code = SourceCode(text: Array(text.utf8))
    code.copyCode(inInterpolation: false)
    return String(decoding: code.output, as: UTF8.self)
  }

  /// What something else than code may begin with, and what is counted. All other bytes are copied, which is most of the
  /// time that the tests of this target take.
  private static let special = (0...255).map { ##"/'"#()"##.utf8.contains($0) }

  private init(text: [UInt8]) {
    self.text = text
  }

  /// Copies code up to the end of the text, or to the parenthesis that closes an interpolation.
  private mutating func copyCode(inInterpolation: Bool) {
    var depth = 0
    while position < text.count {
      if !Self.special[Int(text[position])] {
        output.append(text[position])
        position += 1
      } else if starts(with: "//") {
        while position < text.count, text[position] != UInt8(ascii: "\n") { position += 1 }
      } else if starts(with: "/*") {
        skipBlockComment()
      } else if starts(with: #"'"'"#) {  // C's character, which opens no string
        position += 3
      } else if let quote = openingQuote() {
        skipString(quote)
      } else {
        if text[position] == UInt8(ascii: "(") { depth += 1 }
        if text[position] == UInt8(ascii: ")") { depth -= 1 }
        if depth < 0, inInterpolation { return }
        output.append(text[position])
        position += 1
      }
    }
  }

  private mutating func skipBlockComment() {
    var depth = 0
    repeat {
      if starts(with: "/*") {
        depth += 1
        position += 2
      } else if starts(with: "*/") {
        depth -= 1
        position += 2
      } else {
        skipCharacter()
      }
    } while depth > 0 && position < text.count
    output.append(UInt8(ascii: " "))
  }

  private struct Quote {
    let opening: String
    let closing: String
    let escape: String
  }

  /// The delimiters of the string literal that starts here, or nil if none does.
  private func openingQuote() -> Quote? {
    let start = text[position]
    guard start == UInt8(ascii: "\"") || start == UInt8(ascii: "#") else { return nil }
    let hashes = String(
      repeating: "#", count: text[position...].prefix { $0 == UInt8(ascii: "#") }.count)
    for quote in [#"""""#, #"""#] where starts(with: hashes + quote) {
      return Quote(opening: hashes + quote, closing: quote + hashes, escape: #"\"# + hashes)
    }
    return nil
  }

  /// A string of one line ends with it, whatever it holds: a quote in a regular expression opens
  /// one by mistake.
  private mutating func skipString(_ quote: Quote) {
    position += quote.opening.utf8.count
    let isOneLine = !quote.opening.hasSuffix(#"""""#)
    while position < text.count, !starts(with: quote.closing) {
      if isOneLine, text[position] == UInt8(ascii: "\n") { return }
      if starts(with: quote.escape + "(") {
        position += quote.escape.utf8.count + 1
        copyCode(inInterpolation: true)
        skipCharacter()
      } else {
        if starts(with: quote.escape) { position += quote.escape.utf8.count }
        skipCharacter()
      }
    }
    position = min(position + quote.closing.utf8.count, text.count)
    output += "\"\"".utf8
  }

  /// Leaves one byte out, but for the end of a line.
  private mutating func skipCharacter() {
    guard position < text.count else { return }
    if text[position] == UInt8(ascii: "\n") { output.append(text[position]) }
    position += 1
  }

  private func starts(with prefix: String) -> Bool {
    text[position...].starts(with: prefix.utf8)
  }
}
