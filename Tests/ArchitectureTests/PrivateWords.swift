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
    let isCode = [".swift", ".c", ".h"].contains { file.path.hasSuffix($0) }
    let code = isCode ? SourceCode.stripped(file.text) : ""
    return find(anywhere, in: file.text, of: file) + find(inNames, in: code, of: file)
  }

  private static func find(_ banned: [String: String], in text: String, of file: SourceFile)
    -> [String]
  {
    var found: [String] = []
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      for word in parts(of: line) {
        guard let instead = banned[word] else { continue }
        found.append("\(file.path):\(number + 1): \"\(word)\" is a private word: \(instead)")
      }
    }
    return found
  }

  /// The words of a line in lower case; of a name, its parts: `fireNow` has two.
  static func parts(of line: Substring) -> [String] {
    var parts: [String] = []
    var part = ""
    var wasLower = false
    for byte in line.utf8 {
      let isUpper = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
      let isLower = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
      if !isUpper && !isLower || isUpper && wasLower {
        if !part.isEmpty { parts.append(part) }
        part = ""
      }
      if isUpper || isLower { part.unicodeScalars.append(Unicode.Scalar(byte | 0x20)) }
      wasLower = isLower
    }
    if !part.isEmpty { parts.append(part) }
    return parts
  }
}
