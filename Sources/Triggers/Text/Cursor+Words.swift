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
