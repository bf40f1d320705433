/// Checks the syntax of Lua patterns, as in `string.find`.
enum LuaPattern {
  /// The error that Lua would raise; nil for a well-formed pattern.
  static func problem(in pattern: String) -> String? {
    var rest = Array(pattern.utf8)[...]
    var open = 0
    while let character = rest.popFirst() {
      switch character {
      case UInt8(ascii: "("): open += 1
      case UInt8(ascii: ")"):
        guard open > 0 else { return "there is a ) without a (" }
        open -= 1
      case UInt8(ascii: "["):
        guard skipSet(&rest) else { return "a [ is not closed" }
      case UInt8(ascii: "%"):
        if let problem = skipEscape(&rest) { return problem }
      default: break
      }
    }
    return open == 0 ? nil : "a ( is not closed"
  }

  /// Skips the rest of a set after its `[`. A `]` in first position belongs to the set. False if the set does not end.
  private static func skipSet(_ rest: inout ArraySlice<UInt8>) -> Bool {
    if rest.first == UInt8(ascii: "^") { rest.removeFirst() }
    var isFirst = true
    while let character = rest.popFirst() {
      if character == UInt8(ascii: "]"), !isFirst { return true }
      if character == UInt8(ascii: "%") { _ = rest.popFirst() }
      isFirst = false
    }
    return false
  }

  /// Skips the rest of an escape after its `%`. Returns the error, if any.
  private static func skipEscape(_ rest: inout ArraySlice<UInt8>) -> String? {
    switch rest.popFirst() {
    case nil: return "it ends in a single %"
    case UInt8(ascii: "b"):
      guard rest.count >= 2 else { return "%b needs two characters after it" }
      rest.removeFirst(2)
      return nil
    case UInt8(ascii: "f"):
      return rest.first == UInt8(ascii: "[") ? nil : "%f needs a set in [] after it"
    default: return nil
    }
  }
}
