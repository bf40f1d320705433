/// Reads JSON (RFC 8259): one value, with white space around it and nothing else.
///
/// Strict: no comments, no trailing commas, no leading zeros, no bare control characters in strings; strings are
/// UTF-8, and escaped surrogates come in pairs.
///
/// - An integer that fits into `Int64` is exact; any other number is the nearest `Double`, and an error where that is
///   infinite.
/// - A key that repeats is no error: objects keep all members in their order, and ``JSONValue/subscript(_:)`` gives the
///   first. So whoever looks up a key, and whoever goes through the members, decide by the same text.
/// - Arrays and objects within each other are bounded, since the reader recurses.
package struct JSONReader {
  /// As deep as arrays and objects may be within each other.
  package static let maximumDepth = 512

  var bytes: ArraySlice<UInt8>
  var position: Int

  private init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
  }

  package static func read(_ text: String) throws(JSONError) -> JSONValue {
    try read(Array(text.utf8)[...])
  }

  package static func read(_ bytes: ArraySlice<UInt8>) throws(JSONError) -> JSONValue {
    var reader = JSONReader(bytes)
    reader.skipSpace()
    let value = try reader.value(depth: 0)
    try reader.finish()
    return value
  }

  /// The members of an object, each value as the bytes that it is written in.
  package static func members(
    of bytes: ArraySlice<UInt8>
  ) throws(JSONError) -> [(key: String, value: ArraySlice<UInt8>)] {
    var reader = JSONReader(bytes)
    reader.skipSpace()
    var members: [(key: String, value: ArraySlice<UInt8>)] = []
    guard reader.peek == UInt8(ascii: "{") else { throw reader.unexpected("an object") }
    try reader.list(until: "}", depth: 0) { (reader) throws(JSONError) in
      let key = try reader.key()
      let start = reader.position
      _ = try reader.value(depth: 1)
      members.append((key, bytes[start..<reader.position]))
    }
    try reader.finish()
    return members
  }

  private mutating func finish() throws(JSONError) {
    skipSpace()
    guard position == bytes.endIndex else { throw unexpected("the end") }
  }

  // MARK: Values

  private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
    switch peek {
    case UInt8(ascii: "{"):
      var members: [JSONValue.Member] = []
      try list(until: "}", depth: depth) { (reader) throws(JSONError) in
        members.append((try reader.key(), try reader.value(depth: depth + 1)))
      }
      return .object(members)
    case UInt8(ascii: "["):
      var values: [JSONValue] = []
      try list(until: "]", depth: depth) { (reader) throws(JSONError) in
        values.append(try reader.value(depth: depth + 1))
      }
      return .array(values)
    case UInt8(ascii: "\""): return .string(try string())
    case _ where isAtNumber: return try number()
    default: return try word()
    }
  }

  /// The key of a member, with the colon after it.
  private mutating func key() throws(JSONError) -> String {
    guard peek == UInt8(ascii: "\"") else { throw unexpected("a key in double quotes") }
    let key = try string()
    skipSpace()
    guard eat(":") else { throw unexpected("a colon after the key") }
    skipSpace()
    return key
  }

  /// The elements between an opening bracket, which is there, and its closing one.
  private mutating func list(
    until end: Unicode.Scalar, depth: Int, _ element: (inout JSONReader) throws(JSONError) -> Void
  ) throws(JSONError) {
    guard depth < Self.maximumDepth else {
      throw error(.tooDeep, "more than \(Self.maximumDepth) arrays and objects within each other")
    }
    position += 1
    skipSpace()
    if eat(end) { return }
    while true {
      try element(&self)
      skipSpace()
      if eat(end) { return }
      guard eat(",") else { throw unexpected("a comma or \"\(end)\"") }
      skipSpace()
    }
  }

  private mutating func word() throws(JSONError) -> JSONValue {
    if eat(word: "null") { return .null }
    if eat(word: "true") { return .bool(true) }
    if eat(word: "false") { return .bool(false) }
    throw unexpected("a value")
  }

  private mutating func eat(word: String) -> Bool {
    guard bytes[position...].starts(with: word.utf8) else { return false }
    position += word.utf8.count
    return true
  }

  // MARK: Bytes

  /// The next byte; nil at the end.
  var peek: UInt8? { position < bytes.endIndex ? bytes[position] : nil }

  mutating func eat(_ character: Unicode.Scalar) -> Bool {
    guard peek == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func skipSpace() {
    while let byte = peek, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 {
      position += 1
    }
  }

  // MARK: Errors

  /// An error about the byte at the position, or about the end.
  func unexpected(_ expected: String) -> JSONError {
    guard let byte = peek else { return error(.unfinished, "expected \(expected), not the end") }
    let found =
      (0x21..<0x7f).contains(byte)
      ? "\"\(Unicode.Scalar(byte))\"" : "byte 0x" + String(byte, radix: 16)
    return error(.unexpected, "expected \(expected), not \(found)")
  }

  /// - Parameter place: the position if not given.
  func error(_ code: JSONError.Code, _ message: String, at place: Int? = nil) -> JSONError {
    let before = bytes[..<(place ?? position)]
    let newline = UInt8(ascii: "\n")
    let lineStart = before.lastIndex(of: newline).map { $0 + 1 } ?? before.startIndex
    return JSONError(
      code: code, message: message, line: before.count { $0 == newline } + 1,
      column: before.endIndex - lineStart + 1)
  }
}
