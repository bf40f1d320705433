/// Reads most command lines of `run` without the parser.
///
/// The parser asks the runtime for hundreds of protocol conformances. That takes longer than everything else from the
/// start of the process to the first fire.
extension RunArguments {
  /// Reads a command line that begins with `run` and has only paths, `--no-watch`, and options with a value, each once.
  /// Nil for any other, and for one with a mistake, which the parser explains.
  init?(withoutParser line: some Sequence<String>) {
    self.init()
    var words = line.makeIterator()
    guard words.next() == "run" else { return nil }
    while let word = words.next() {
      if word == "--no-watch", !noWatch {
        noWatch = true
      } else if Self.isOption(word) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts[0].hasPrefix("--"),
          let option = RunOption(rawValue: String(parts[0].dropFirst(2))),
          let value = parts.count == 2 ? String(parts[1]) : words.next(),
          !value.isEmpty, !Self.isOption(value), values.updateValue(value, forKey: option) == nil
        else { return nil }
      } else {
        paths.append(word)
      }
    }
    guard !paths.isEmpty else { return nil }
  }

  private static func isOption(_ word: String) -> Bool { word.utf8.first == UInt8(ascii: "-") }
}
