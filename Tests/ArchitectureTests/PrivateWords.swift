/// Words that the project once gave a meaning of its own, so that each reader had to learn it. The field has a word for
/// each, and CONTRIBUTING.md lists those that are in use.
enum PrivateWords {
  /// Nowhere: neither in names, nor in comments, messages and documents.
  static let anywhere: [String: String] = [
    "nap": "timed wait", "naps": "timed waits", "napping": "waiting", "seat": "core lock",
    "seats": "core locks", "errand": "wake reason", "errands": "wake reasons",
    "owed": "pending", "owes": "has pending", "ledger": "job extras, summary",
    "ledgers": "job extras, summaries", "foretell": "answer when it fires next",
    "foretold": "answered", "foretelling": "next-fire answer", "departed": "removed",
    "mishap": "fault", "mishaps": "faults", "traceless": "unobserved",
    "sketch": "debug summary", "nudge": "wake this one", "nudged": "woken", "bury": "discard",
    "buries": "discards", "buried": "discarded", "manieth": "a number",
  ]

  /// Not in names, although prose may use them in their everyday meaning.
  static let inNames: [String: String] = [
    "plain": "the property, such as without input", "press": "request preemption",
    "presses": "requests for preemption", "pressed": "preempted", "lone": "private isolate",
    "apart": "private isolate", "series": "lease", "company": "spin", "brings": "payload flags",
    "cuts": "crashes", "breath": "minimum advance", "bell": "waker", "sheet": "turn slot",
    "patience": "timeout",
  ]

  /// The banned words of a file, each with the word of the field and its line.
  static func found(in file: SourceFile) -> [String] {
    find(anywhere, in: file.text, of: file) + find(inNames, in: file.code, of: file)
  }

  private static func find(_ banned: [String: String], in text: String, of file: SourceFile)
    -> [String]
  {
    let wanted = Dictionary(uniqueKeysWithValues: banned.map { (Array($0.key.utf8), $0.value) })
    let longest = banned.keys.map(\.utf8.count).max() ?? 0
    var found: [String] = []
    forEachPart(of: Array(text.utf8), atMost: longest) { part, line in
      guard let instead = wanted[part] else { return }
      let word = String(decoding: part, as: UTF8.self)
      found.append("\(file.path):\(line): \"\(word)\" is a private word: \(instead)")
    }
    return found
  }

  /// Calls the body with each word of a text in lower case, and its line. Of a name, these are its parts: `fireNow` has two.
  /// Leaves out words of more bytes than `longest`.
  private static func forEachPart(
    of text: [UInt8], atMost longest: Int, _ body: ([UInt8], Int) -> Void
  ) {
    var part: [UInt8] = []
    var line = 1
    var wasLower = false
    func end() {
      if !part.isEmpty, part.count <= longest { body(part, line) }
      part.removeAll(keepingCapacity: true)
    }
    for byte in text {
      let isUpper = byte >= 0x41 && byte <= 0x5a
      let isLower = byte >= 0x61 && byte <= 0x7a
      if isUpper ? wasLower : !isLower { end() }
      if isUpper || isLower { part.append(byte | 0x20) }
      if byte == 0x0a { line += 1 }
      wasLower = isLower
    }
    end()
  }
}
