/// Checks the names of host functions.
package enum FunctionName {
  /// Throws if no function can have this name.
  package static func check(_ name: String) throws(RegistrationError) {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), parts.allSatisfy(isIdentifier) else {
      throw RegistrationError(
        description:
          "\"\(name)\" is not a name for a function: write \"name\" or \"table.name\"")
    }
    if let keyword = parts.first(where: { keywords.contains(String($0)) }) {
      throw RegistrationError(
        description: "\"\(keyword)\" is a keyword of Lua; choose another name")
    }
    guard !reserved.contains(String(parts[0])) else {
      throw RegistrationError(
        description: "\"\(parts[0])\" is a word of the Lua API; choose another name")
    }
  }

  private static func isIdentifier(_ text: Substring) -> Bool {
    guard let first = text.first, first.isASCII, first.isLetter || first == "_" else {
      return false
    }
    return text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
  }

  private static let keywords: Set<String> = [
    "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in",
    "local", "nil", "not", "or", "repeat", "return", "then", "true", "until", "while",
  ]

  private static let reserved: Set<String> = [
    "host", "every", "cron", "at", "after", "on", "job", "jobs", "emit", "wait", "sleep", "cancel",
    "defaults", "test", "clear", "run_all", "idle", "now", "date", "dates", "between", "trigger",
    "listen", "log", "permissions", "print", "scheduler", "json", "hash", "string",
    "table", "math", "utf8", "coroutine", "os", "io", "require", "load", "package", "debug", "_G",
    "_VERSION",
    "assert", "error",
    "getmetatable", "ipairs", "next", "pairs", "pcall", "rawequal", "rawget", "rawlen", "rawset",
    "select",
    "setmetatable", "tonumber", "tostring", "type", "xpcall", "collectgarbage",
  ]
}
