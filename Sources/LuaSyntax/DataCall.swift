/// A statement of a Lua text that calls a word with constants: `allow("a.lua", { net = { "example.org" } })`.
package struct DataCall: Sendable, Equatable {
  package let word: String
  /// Of the word, from 1.
  package let line: Int
  package let arguments: [LuaData]
  /// The bytes from the word to the closing parenthesis.
  package let range: Range<Int>
}

/// A constant of a Lua text.
package struct LuaData: Sendable, Equatable {
  package indirect enum Content: Sendable, Equatable {
    case string(String)
    case table([Item])
    /// A number, `nil`, `true` or `false`, as written.
    case other(String)
  }

  package struct Item: Sendable, Equatable {
    /// Nil for an item without a name.
    package let key: String?
    package let value: LuaData
  }

  package let content: Content
  /// From 1.
  package let line: Int
}

/// The text is not a list of calls with constants.
package struct DataError: Error, Equatable {
  /// From 1.
  package let line: Int
  package let message: String

  package init(line: Int, _ message: String) {
    self.line = line
    self.message = message
  }
}
