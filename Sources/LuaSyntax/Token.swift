/// A word, sign or constant of a Lua text.
enum Token: Equatable {
  case end
  /// An identifier that is not a keyword.
  case name(String)
  case keyword(Keyword)
  case number
  /// A string; nil if it has escapes, whose meaning no caller needs.
  case string(String?)
  /// An operator, bracket or separator.
  case sign(String)
}

enum Keyword: String {
  case and, `break`, `do`, `else`, `elseif`, end, `false`, `for`, function, `goto`, `if`, `in`,
    local, `nil`, not, or, `repeat`, `return`, then, `true`, until, `while`
}

/// The text is not Lua 5.4, or deeper than Lua reads.
struct SyntaxError: Error {}
