import TestSupport
import Testing

@testable import SystemIO

@Suite struct CapturedOutputTests {
  @Test func `the first and the last half are kept, in whatever pieces the bytes come`() {
    var random = SplitMix64(seed: 7)
    for _ in 0..<300 {
      let limit = random.next(in: 0...40)
      var output = CapturedOutput(atMost: limit)
      var all: [UInt8] = []
      for _ in 0..<random.next(in: 0...12) {
        let piece = (0..<random.next(in: 0...30)).map { _ in UInt8(random.next(in: 97...122)) }
        output.add(([0] + piece + [0])[1..<piece.count + 1])
        all += piece
      }
      let omitted = max(0, all.count - limit)
      let marker = omitted == 0 ? [] : Array("\n[... \(omitted) bytes left out ...]\n".utf8)
      let head = all.prefix(limit - limit / 2)
      let tail = all.dropFirst(head.count).suffix(limit / 2)
      #expect(output.bytes == head + marker + tail, "limit \(limit), all \(all)")
      #expect(output.total == all.count && output.omitted == omitted)
    }
  }

  @Test(
    arguments: [
      ("", nil), ("one\ntwo\n", "two"), ("one\n \r\n\n", "one"), ("x", "x"),
      ("a\n" + String(repeating: "b", count: 300), String(repeating: "b", count: 200)),
    ] as [(String, String?)])
  func `the last line with text is told`(text: String, expected: String?) {
    var output = CapturedOutput(atMost: 1_000)
    output.add(Array(text.utf8)[...])
    #expect(output.lastLine == expected)
  }

  private func lines(_ bytes: [UInt8], by size: Int) -> [String] {
    var splitter = LineSplitter()
    var lines: [String] = []
    for start in stride(from: 0, to: bytes.count, by: size) {
      splitter.add(bytes[start..<min(start + size, bytes.count)]) {
        lines.append($0)
        return true
      }
    }
    splitter.finish {
      lines.append($0)
      return true
    }
    return lines
  }

  @Test(arguments: [1, 2, 3, 7, 10_000]) func `lines do not depend on pieces`(size: Int) {
    let text = "one\n\ntwö €\u{1F600}\nthree"
    #expect(lines(Array(text.utf8), by: size) == ["one", "", "twö €\u{1F600}", "three"])
    let odd: [UInt8] = [0x61, 0xff, 0x0a, 0xe2, 0x82, 0x0a, 0xc3]
    #expect(lines(odd, by: size) == ["a\\xff", "\\xe2\\x82", "\\xc3"])
  }

  @Test(arguments: ["a", "ä", "€", "\u{1F600}"]) func `a long line is cut between characters`(
    character: String
  ) {
    let text = "x" + String(repeating: character, count: 20_000 / character.utf8.count)
    let lines = lines(Array(text.utf8), by: 4_099)
    #expect(lines.count == 3 && lines.reduce("") { $0 + $1 } == text)
    #expect(lines.allSatisfy { $0.utf8.count <= LineSplitter.limit })
  }

  @Test func `bytes that only continue a character are cut as well`() {
    let lines = lines([UInt8](repeating: 0x80, count: 8_193), by: 100)
    #expect(lines.map(\.utf8.count) == [8_192 * 4, 4])
  }

  @Test func `what is left out of a flood ends with the piece in which it came`() {
    var splitter = LineSplitter()
    var lines: [String] = []
    func add(_ text: String, most: Int) {
      splitter.add(Array(text.utf8)[...]) {
        lines.append($0)
        return lines.count < most
      }
    }
    add("1\n2\n3\nbeg", most: 2)
    #expect(lines == ["1", "2"])
    add("un\nnext\n", most: 9)
    #expect(lines == ["1", "2", "begun", "next"])
  }
}
