/// Texts as Lua writes them.
package enum LuaQuote {
  /// In quotes, with escapes; cut after so many bytes.
  package static func quoted(_ text: String, most: Int = .max) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      guard result.utf8.count <= most else { return result + "...\"" }
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case _ where scalar.value < 32 || scalar.value == 127:
        result +=
          "\\" + String(repeating: "0", count: scalar.value < 10 ? 2 : scalar.value < 100 ? 1 : 0)
        result += String(scalar.value)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

extension PermissionSet {
  /// As a table of Lua on one line: `{ net = { "a.example" }, run = { "git" } }`.
  package var lua: String {
    guard !isEmpty else { return "{}" }
    let parts = kinds.map { kind in
      "\(kind.rawValue) = { \(self[kind].map { LuaQuote.quoted($0) }.joined(separator: ", ")) }"
    }
    return "{ \(parts.joined(separator: ", ")) }"
  }

  /// For messages: `net a.example, b.example; run git`.
  package var words: String {
    kinds.map { "\($0.rawValue) \(self[$0].joined(separator: ", "))" }.joined(separator: "; ")
  }

  /// The entries of both, each once.
  package func union(_ other: PermissionSet) -> PermissionSet {
    var all = self
    for kind in other.kinds { all[kind] += other[kind].filter { !self[kind].contains($0) } }
    return all
  }
}
