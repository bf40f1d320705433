/// Texts of Lua.
enum LuaText {
  /// A string as a person would write it: in brackets where quotes would need escapes.
  static func literal(_ text: String) -> String {
    let hasControls = text.unicodeScalars.contains { $0.value < 32 || $0.value == 127 }
    let needsEscapes = text.contains("\"") || text.contains("\\")
    guard needsEscapes, !hasControls else { return quoted(text) }
    var level = ""
    while (text + "]").contains("]\(level)]") { level += "=" }
    return "[\(level)[\(text)]\(level)]"
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case _ where scalar.value < 32 || scalar.value == 127:
        result += "\\u{\(String(scalar.value, radix: 16))}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  /// A comment of one line. Control characters become spaces.
  static func comment(_ text: String) -> String {
    let scalars = text.unicodeScalars.map { scalar in
      scalar.value < 32 || scalar.value == 127 ? " " : scalar
    }
    var line = String(String.UnicodeScalarView(scalars))
    while line.last == " " { line.removeLast() }
    if line.isEmpty { return "--" }
    return line.first == " " ? "--" + line : "-- " + line
  }
}
