import Testing

@testable import JSON

@Suite struct JSONWriterTests {
  @Test(
    arguments: [
      (.null, "null"), (.bool(true), "true"), (.bool(false), "false"),
      (.integer(.min), "-9223372036854775808"), (.number(0.1), "0.1"), (.number(1e300), "1e+300"),
      (.number(-0.0), "-0.0"), (.number(2), "2.0"), (.number(.infinity), #""inf""#),
      (.number(.nan), #""nan""#), (.string("a\"b\\c\n\u{1}ü"), #""a\"b\\c\n\u0001ü""#),
      (.array([]), "[]"), (.object([]), "{}"), (.array([.bool(true), .array([])]), "[true,[]]"),
      (.object([("b", .integer(1)), ("a", .null)]), #"{"b":1,"a":null}"#),
      (
        .object([("a", .array([.null, .object([])])), ("b\n", .null)]),
        #"{"a":[null,{}],"b\n":null}"#
      ),
    ] as [(JSONValue, String)])
  func `a value is written in one line, keys in their order`(value: JSONValue, text: String) {
    #expect(value.description == text)
  }

  @Test func `what is written piece by piece is as a value is written`() {
    var writer = JSONWriter(capacity: 64)
    writer.beginArray()
    writer.beginObject()
    writer.key("a")
    writer.write(UInt64.max)
    writer.key("b")
    writer.beginArray()
    writer.endArray()
    writer.endObject()
    writer.write(Float(0.1))
    writer.write("x")
    writer.write(true)
    writer.writeNull()
    writer.endArray()
    #expect(writer.text == #"[{"a":18446744073709551615,"b":[]},0.1,"x",true,null]"#)
  }

  @Test(arguments: [
    ("", ""), ("a\"b", #"a\"b"#), ("a\\b", #"a\\b"#), ("a\nb\r\tc", #"a\nb\r\tc"#),
    ("\r\n", #"\r\n"#), ("\0\u{1}\u{1f}", #"\u0000\u0001\u001f"#), ("\u{1b}[31m", #"\u001b[31m"#),
    ("\u{7f}\u{9b}", #"\u007f\u009b"#), ("\u{2028}\u{2029}", #"\u2028\u2029"#),
    ("é 😀 日本 \u{fffd}", "é 😀 日本 \u{fffd}"), ("e\u{301}\"", "e\u{301}\\\""), ("/", "/"),
    ("£ …", "£ …"),
  ])
  func `a string is escaped, as a value and as a key`(text: String, escaped: String) {
    #expect(JSONValue.string(text).description == "\"\(escaped)\"")
    #expect(JSONValue.object([(text, .null)]).description == "{\"\(escaped)\":null}")
  }

  @Test func `what is written is read back, and has no control characters`() throws {
    let seed = UInt64.random(in: 0..<1_000_000)
    print("seed \(seed)")
    var random = Random(state: seed)
    for _ in 0..<5_000 {
      let value = random.value(depth: 0)
      let text = value.description
      #expect(!text.unicodeScalars.contains { $0.value < 0x20 }, "seed \(seed): \(text)")
      #expect(try JSONReader.read(text) == value, "seed \(seed): \(text)")
    }
  }
}

/// Makes values from a seed.
private struct Random {
  var state: UInt64

  private mutating func next(below bound: UInt64) -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return (state >> 33) % bound
  }

  mutating func value(depth: Int) -> JSONValue {
    switch next(below: depth < 4 ? 7 : 5) {
    case 0: .null
    case 1: .bool(next(below: 2) == 0)
    case 2: .integer(Int64(truncatingIfNeeded: next(below: 1 << 31) &* 0x9e37_79b9_7f4a_7c15))
    case 3: .number((Double(next(below: 1 << 31)) - 1e9) / 1e3 * 1.1)
    case 4: .string(string())
    case 5: .array((0..<next(below: 4)).map { _ in value(depth: depth + 1) })
    default: .object((0..<next(below: 4)).map { _ in (string(), value(depth: depth + 1)) })
    }
  }

  private mutating func string() -> String {
    var text = ""
    for _ in 0..<next(below: 8) {
      let value = UInt32(next(below: 1 << 31))
      let bounds: [UInt32] = [0x80, 0xa0, 0x3000, 0x11_0000]
      text.unicodeScalars.append(Unicode.Scalar(value % bounds[Int(value >> 8) % 4]) ?? "\"")
    }
    return text
  }
}
