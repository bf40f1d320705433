extension Cursor {
  /// The position of the first of some words, if it stands by itself.
  func firstWord(of words: [String]) -> Int? {
    var cursor = self
    while !cursor.atEnd {
      let start = cursor.position
      let length = cursor.skip { !isSpace($0) }
      if words.contains(where: { $0.utf8.count == length && isWord($0, at: start) }) {
        return start
      }
      cursor.skipSpaces()
    }
    return nil
  }

  /// Whether the bytes at a position are a word, in any case. `word` is in lower case.
  private func isWord(_ word: String, at start: Int) -> Bool {
    zip(word.utf8, bytes[start...]).allSatisfy { $0 == $1 | 32 }
  }
}

extension Cursor {
  /// Skips whole words and the spaces after them; all of the words, or none.
  mutating func eatWords(_ words: String...) -> Bool {
    let start = position
    skipSpaces()
    for word in words {
      guard self.word() == word else {
        position = start
        return false
      }
      skipSpaces()
    }
    return true
  }

  /// `,`, `and`, `or`, or `, and`.
  mutating func eatSeparator() -> Bool {
    skipSpaces()
    let comma = eat(",")
    let word = eatWords("and") || eatWords("or")
    skipSpaces()
    return comma || word
  }
}
