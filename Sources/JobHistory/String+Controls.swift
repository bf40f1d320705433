extension String {
  /// The text with `\u{1b}` and the like in place of control characters, line ends and marks of direction; tabs stay.
  ///
  /// A script's text must not control the terminal of the person who reads a report.
  package var escapingControls: String {
    guard unicodeScalars.contains(where: \.isControl) else { return self }
    var escaped = ""
    for scalar in unicodeScalars {
      if scalar.isControl {
        escaped += "\\u{\(String(scalar.value, radix: 16))}"
      } else {
        escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  /// The text with escaped controls, except for its line ends.
  package var escapingControlsInLines: String {
    guard unicodeScalars.contains(where: { $0.isControl && $0 != "\n" }) else { return self }
    return unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
      .map { String($0).escapingControls }.joined(separator: "\n")
  }

  /// The first line that is not empty, with controls escaped.
  package var firstLine: String {
    let line = unicodeScalars.split(separator: "\n", maxSplits: 1).first.map { String($0) }
    return (line ?? "").escapingControls
  }
}

extension Unicode.Scalar {
  /// Whether a terminal could read it as a command, or as the end of a line.
  package var isControl: Bool {
    switch value {
    case 0x09: false
    case 0..<0x20, 0x7f...0x9f, 0x2028, 0x2029, 0x202a...0x202e, 0x2066...0x2069: true
    default: false
    }
  }
}
