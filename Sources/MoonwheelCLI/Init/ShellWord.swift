/// Texts as words of a shell's command line.
enum ShellWord {
  /// The text as one word, in quotes if it needs some.
  static func quoted(_ text: String) -> String {
    let isWord = text.unicodeScalars.allSatisfy { scalar in
      scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
        || "/._-+,:=@%".unicodeScalars.contains(scalar)
    }
    guard !isWord || text.isEmpty else { return text }
    return "'"
      + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
      + "'"
  }

  /// The path as an argument: one that begins with a dash would be taken for a flag.
  static func path(_ path: String) -> String { quoted(path.hasPrefix("-") ? "./" + path : path) }
}
