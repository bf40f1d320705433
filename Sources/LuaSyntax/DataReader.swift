/// Reads a Lua text that is data: calls of words with constants, and comments. Nothing of it is run.
package struct DataReader {
  /// Tables may lie so deep in each other.
  private static let maxDepth = 8

  private let text: [UInt8]
  private var lexer: Lexer
  private var token = Token.end
  /// Of `token`.
  private var range = 0..<0
  private var line = 1
  /// Where the token before ends.
  private var end = 0

  private init(_ text: [UInt8]) {
    self.text = text
    lexer = Lexer(text)
  }

  /// The calls in the order of the text. Their ranges count from the first byte of `text`, a byte order mark included.
  package static func calls(in text: [UInt8]) throws(DataError) -> [DataCall] {
    if let line = firstLineNotUTF8(text) {
      throw DataError(line: line, "this is not UTF-8: save the file as UTF-8")
    }
    let mark = text.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    var reader = DataReader(mark == 0 ? text : Array("   ".utf8) + text.dropFirst(3))
    return try reader.calls()
  }

  private static func firstLineNotUTF8(_ text: [UInt8]) -> Int? {
    guard String(validating: text, as: UTF8.self) == nil else { return nil }
    let lines = text.split(separator: 10, omittingEmptySubsequences: false)
    return lines.firstIndex { String(validating: $0, as: UTF8.self) == nil }.map { $0 + 1 } ?? 1
  }

  private mutating func calls() throws(DataError) -> [DataCall] {
    var calls: [DataCall] = []
    try advance()
    while token != .end {
      if token == .sign(";") { try advance() } else { calls.append(try call()) }
    }
    return calls
  }

  private mutating func advance() throws(DataError) {
    end = range.upperBound
    do throws(SyntaxError) { token = try lexer.next() } catch {
      throw DataError(
        line: lexer.line, "a text or a comment does not end: its last quote or bracket is missing")
    }
    line = lexer.line
    range = lexer.start..<lexer.position
  }

  private mutating func call() throws(DataError) -> DataCall {
    guard case .name(let word) = token else {
      throw DataError(
        line: line, "here begins a word with parentheses, as in allow(...), not \(found)")
    }
    let (start, firstLine) = (range.lowerBound, line)
    try advance()
    try expect("(", after: word)
    var arguments: [LuaData] = []
    while token != .sign(")") {
      arguments.append(try value(depth: 0))
      guard token == .sign(",") else { break }
      try advance()
    }
    let closing = range.upperBound
    try expect(")", after: "the values of \(word)")
    return DataCall(
      word: word, line: firstLine, arguments: arguments, range: start..<closing)
  }

  private mutating func expect(_ sign: String, after part: String) throws(DataError) {
    guard token == .sign(sign) else {
      throw DataError(line: line, "after \(part) comes \(sign), not \(found)")
    }
    try advance()
  }

  private mutating func value(depth: Int) throws(DataError) -> LuaData {
    let start = line
    switch token {
    case .string(let unchanged):
      let string = if let unchanged { withoutFirstNewline(unchanged) } else { try unescaped() }
      try advance()
      return LuaData(content: .string(string), line: start)
    case .number, .keyword(.nil), .keyword(.true), .keyword(.false):
      let word = String(decoding: text[range], as: UTF8.self)
      try advance()
      return LuaData(content: .other(word), line: start)
    case .sign("{"):
      guard depth < Self.maxDepth else {
        throw DataError(line: line, "the tables lie deeper in each other than \(Self.maxDepth)")
      }
      try advance()
      return LuaData(content: .table(try items(depth + 1, from: start)), line: start)
    case .end, .name, .keyword, .sign:
      throw DataError(
        line: line,
        "\(found) cannot stand here: the file is data, texts in quotes and tables in braces, and nothing of it is run"
      )
    }
  }

  private mutating func items(_ depth: Int, from start: Int) throws(DataError) -> [LuaData.Item] {
    var items: [LuaData.Item] = []
    while token != .sign("}") {
      items.append(try item(depth))
      guard token == .sign(",") || token == .sign(";") else { break }
      try advance()
    }
    guard token == .sign("}") else {
      throw DataError(
        line: line,
        "the table that begins in line \(start) goes on with , or ends with }, not \(found)")
    }
    try advance()
    return items
  }

  /// `name = value`, `["name"] = value`, or a value.
  private mutating func item(_ depth: Int) throws(DataError) -> LuaData.Item {
    if token == .sign("[") {
      try advance()
      guard case .string(let key) = try value(depth: depth).content else {
        throw DataError(line: line, "the name in brackets is a text in quotes")
      }
      try expect("]", after: "the name")
      try expect("=", after: "the name")
      return LuaData.Item(key: key, value: try value(depth: depth))
    }
    if case .name(let name) = token {
      try advance()
      guard token == .sign("=") else {
        throw DataError(
          line: line, "\(name) cannot stand here: write a text in quotes, as in \"\(name)\"")
      }
      try advance()
      return LuaData.Item(key: name, value: try value(depth: depth))
    }
    return LuaData.Item(key: nil, value: try value(depth: depth))
  }

  /// The token in the words of a message.
  private var found: String {
    switch token {
    case .end: "the end of the file"
    default: "\"\(String(decoding: text[range].prefix(40), as: UTF8.self))\""
    }
  }
}

// MARK: Texts

extension DataReader {
  /// A newline at the beginning of a text in long brackets is no part of it.
  private func withoutFirstNewline(_ string: String) -> String {
    guard text[range.lowerBound] == UInt8(ascii: "[") else { return string }
    return string.first?.isNewline == true ? String(string.dropFirst()) : string
  }

  private static let letters: [UInt8: UInt8] = [
    UInt8(ascii: "a"): 7, UInt8(ascii: "b"): 8, UInt8(ascii: "f"): 12, UInt8(ascii: "n"): 10,
    UInt8(ascii: "r"): 13, UInt8(ascii: "t"): 9, UInt8(ascii: "v"): 11,
    UInt8(ascii: "\\"): 92, UInt8(ascii: "\""): 34, UInt8(ascii: "'"): 39,
  ]

  /// The meaning of the short string that is the token, which has escapes.
  private func unescaped() throws(DataError) -> String {
    var rest = text[range].dropFirst().dropLast()
    var bytes: [UInt8] = []
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\") else {
        bytes.append(byte)
        continue
      }
      guard let letter = rest.popFirst() else { break }
      bytes.append(try escape(letter, &rest))
    }
    guard let string = String(validating: bytes, as: UTF8.self) else {
      throw DataError(line: line, "the escapes of this text do not make UTF-8")
    }
    return string
  }

  private func escape(
    _ letter: UInt8, _ rest: inout ArraySlice<UInt8>
  ) throws(DataError) -> UInt8 {
    if let byte = Self.letters[letter] { return byte }
    var digits = ""
    if letter == UInt8(ascii: "x") {
      digits = String(decoding: rest.prefix(2), as: UTF8.self)
      rest = rest.dropFirst(2)
    } else if letter >= UInt8(ascii: "0"), letter <= UInt8(ascii: "9") {
      let more = rest.prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }.prefix(2)
      digits = String(decoding: [letter] + more, as: UTF8.self)
      rest = rest.dropFirst(more.count)
    }
    guard let byte = UInt8(digits, radix: letter == UInt8(ascii: "x") ? 16 : 10),
      digits.utf8.first != UInt8(ascii: "+"), letter != UInt8(ascii: "x") || digits.utf8.count == 2
    else {
      throw DataError(
        line: line,
        "the escape \\\(Character(Unicode.Scalar(letter))) is not read here: write the character itself"
      )
    }
    return byte
  }
}
