/// Reading what most say, without the parser.
///
/// That asks the runtime for hundreds of protocol conformances, and takes longer than everything else from the start of the
/// process to the first fire.
extension RunArguments {
  /// Of a command line that begins with `run` and has nothing but paths and options that are there once, as the parser would
  /// read it; nil for any other: also where something is wrong, which the parser explains.
  init?(plain line: some Sequence<String>) {
    self.init()
    var words = line.makeIterator()
    guard words.next() == "run" else { return nil }
    while let word = words.next() {
      if word == "--no-watch", !noWatch {
        noWatch = true
      } else if Self.isOption(word) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let value = parts.count == 2 ? String(parts[1]) : words.next()
        guard let value, !value.isEmpty, !Self.isOption(value), set(parts[0], to: value) else {
          return nil
        }
      } else {
        paths.append(word)
      }
    }
    guard !paths.isEmpty, log.map({ LogFormat(rawValue: $0) != nil }) ?? true else { return nil }
  }

  private static func isOption(_ word: String) -> Bool { word.utf8.first == UInt8(ascii: "-") }

  /// Whether there is such an option, and it was not given before.
  private mutating func set(_ option: Substring, to value: String) -> Bool {
    func put(into place: inout String?) -> Bool {
      guard place == nil else { return false }
      place = value
      return true
    }
    switch option {
    case "--tz": return put(into: &timeZone)
    case "--store": return put(into: &store)
    case "--workers": return put(into: &workers)
    case "--slice": return put(into: &slice)
    case "--stuck-after": return put(into: &stuckAfter)
    case "--memory": return put(into: &memory)
    case "--log": return put(into: &log)
    case "--shutdown-timeout": return put(into: &shutdownTimeout)
    case "--for": return put(into: &duration)
    case "--log-events": return put(into: &logEvents)
    default: return false
    }
  }
}
