extension String {
  /// The text with `...` in place of each run's id.
  ///
  /// A simulation numbers its runs, so one more run changes the ids of all later ones. Comparisons must ignore them.
  package var maskingRunIDs: String {
    guard utf8.count >= Self.idLength else { return self }
    var result: [UInt8] = []
    var word: [UInt8] = []
    for byte in utf8 {
      if Self.isWordByte(byte) {
        word.append(byte)
        continue
      }
      result += Self.isRunID(word) ? Self.mask : word
      word.removeAll(keepingCapacity: true)
      result.append(byte)
    }
    result += Self.isRunID(word) ? Self.mask : word
    return String(decoding: result, as: UTF8.self)
  }

  private static let idLength = 13
  private static let mask = Array("...".utf8)

  private static func isWordByte(_ byte: UInt8) -> Bool {
    byte >= 0x80 || byte == UInt8(ascii: "_")
      || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  /// Whether a word has 13 digits and capital letters, and at least one digit.
  private static func isRunID(_ word: [UInt8]) -> Bool {
    word.count == idLength && word.allSatisfy { $0 < UInt8(ascii: "a") }
      && word.contains { $0 <= UInt8(ascii: "9") }
  }
}
