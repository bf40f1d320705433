/// The words of a trace, without what another run of the same simulation would say otherwise.
enum TraceText {
  /// The ids of runs in a text become `...`: they are numbered through, so that one run more shifts them all.
  static func withoutRuns(_ text: String) -> String {
    guard text.utf8.count >= length else { return text }
    var result: [UInt8] = []
    var word: [UInt8] = []
    for byte in text.utf8 {
      if isWordByte(byte) {
        word.append(byte)
        continue
      }
      result += isRun(word) ? mark : word
      word.removeAll(keepingCapacity: true)
      result.append(byte)
    }
    result += isRun(word) ? mark : word
    return String(decoding: result, as: UTF8.self)
  }

  private static let length = 13
  private static let mark = Array("...".utf8)

  private static func isWordByte(_ byte: UInt8) -> Bool {
    byte >= 0x80 || byte == UInt8(ascii: "_")
      || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  /// 13 digits and capital letters; a word of capitals alone is a word.
  private static func isRun(_ word: [UInt8]) -> Bool {
    word.count == length && word.allSatisfy { $0 < UInt8(ascii: "a") }
      && word.contains { $0 <= UInt8(ascii: "9") }
  }
}
