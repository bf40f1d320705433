/// The syntax of the patterns of Lua's `string.find`.
enum LuaPattern {
  /// What Lua would raise when it came to the place; nil for a pattern that is well formed.
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

  /// After the `[`. A `]` that comes first is one of the set.
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

  /// After the `%`.
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
