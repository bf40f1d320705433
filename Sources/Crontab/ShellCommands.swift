/// The commands of a line of shell, read roughly: enough for a name and for remarks, never to run something.
struct ShellCommands {
  struct Simple {
    var words: [String] = []
    /// What stands before it: `&&`, `||`, `|`, `;`, `&`, or nothing for the first.
    var before = ""
  }

  private(set) var commands: [Simple] = []
  /// What stands after the last one: `&`, `;` or nothing.
  private(set) var end = ""

  private static let signs = ["&&", "||", "|&", ";;", "|", ";", "&", "(", ")", "{", "}"]

  init(_ text: String) {
    var current = Simple()
    var sign = ""
    for token in Self.tokens(text) {
      guard token.isSign else {
        current.words.append(token.text)
        sign = ""
        continue
      }
      if !current.words.isEmpty { commands.append(current) }
      if !current.words.isEmpty || sign.isEmpty { current = Simple(before: token.text) }
      sign = token.text
    }
    if !current.words.isEmpty { commands.append(current) }
    end = sign
  }

  private struct Token {
    var text: String
    var isSign: Bool
  }

  private static func tokens(_ text: String) -> [Token] {
    var tokens: [Token] = []
    var word = ""
    var isWord = false
    var rest = text[...]
    func finish() {
      if isWord { tokens.append(Token(text: word, isSign: false)) }
      (word, isWord) = ("", false)
    }
    while let character = rest.first {
      if character == "#", !isWord { break }
      if character.isWhitespace {
        finish()
        rest = rest.dropFirst()
      } else if let piece = piece(of: &rest) {
        word += piece
        isWord = true
      } else if let sign = sign(at: rest, after: word) {
        finish()
        tokens.append(Token(text: sign, isSign: true))
        rest = rest.dropFirst(sign.count)
      } else {
        word.append(character)
        isWord = true
        rest = rest.dropFirst()
      }
    }
    finish()
    return tokens
  }

  /// A sign between commands; nil for the `&` of `2>&1` and of `&>`.
  private static func sign(at rest: Substring, after word: String) -> String? {
    guard let sign = signs.first(where: { rest.hasPrefix($0) }) else { return nil }
    if sign == "&", word.hasSuffix(">") || word.hasSuffix("<") || rest.hasPrefix("&>") {
      return nil
    }
    if sign == "|", word.hasSuffix(">") { return nil }
    guard sign == "{" || sign == "}" else { return sign }
    // Not those of `find ... {}` and of `a{1,2}`.
    let next = rest.dropFirst().first
    return word.isEmpty && (next.map { $0.isWhitespace || $0 == ";" } ?? true) ? sign : nil
  }

  /// What is in quotes, after a backslash, or in `$(...)`, as it is meant; nil if nothing of that begins here.
  private static func piece(of rest: inout Substring) -> String? {
    switch rest.first {
    case "\\":
      let next = rest.dropFirst().prefix(1)
      rest = rest.dropFirst(2)
      return String(next)
    case "'": return quoted(&rest, "'")
    case "\"": return quoted(&rest, "\"")
    case "`":
      return "`" + quoted(&rest, "`") + "`"
    case "$" where rest.dropFirst().first == "(":
      var depth = 0
      let inner = rest.prefix { character in
        if character == "(" { depth += 1 }
        if character == ")" { depth -= 1 }
        return !(character == ")" && depth == 0)
      }
      rest = rest[inner.endIndex...].dropFirst()
      return inner + ")"
    case "$" where rest.dropFirst().first == "{":
      let inner = rest.prefix { $0 != "}" }
      rest = rest[inner.endIndex...].dropFirst()
      return inner + "}"
    default: return nil
    }
  }

  private static func quoted(_ rest: inout Substring, _ quote: Character) -> String {
    let inner = rest.dropFirst()
    var isEscaped = false
    let text = inner.prefix { character in
      if isEscaped {
        isEscaped = false
        return true
      }
      isEscaped = character == "\\" && quote != "'"
      return character != quote
    }
    rest = inner[text.endIndex...].dropFirst()
    return String(text)
  }
}
