import Logging
import Testing

@testable import moonwheel

private let noon: Int64 = 1_774_695_600_123_456_789

/// A record of `info` with the message `m`, unless given otherwise.
func record(
  _ message: String = "m", _ level: Logger.Level = .info, _ metadata: Logger.Metadata = [:],
  error: (any Error)? = nil
) -> LogRecord {
  let event = LogEvent(
    level: level, message: "\(message)", error: error, metadata: metadata, source: "s", file: "f",
    function: "f", line: 1)
  return LogRecord(event, loggerMetadata: [:], provider: nil, wall: noon)
}

@Suite struct LogJSONTests {
  private static let head = #"{"ts":"2026-03-28T11:00:00.123456Z","level":"info","message":"#

  @Test func `a line without metadata has time, level and message`() {
    #expect(LogJSON.line(record("hello")) == LogJSONTests.head + #""hello"}"#)
  }

  @Test func `what has a place of its own is lifted, all else is a field`() {
    let line = LogJSON.line(
      record(
        "m", .info,
        [
          "run": "01JX", "job": "nightly", "script": "report.lua", "event": "run.failed",
          "payload": ["n": .stringConvertible(1)], "z": "last", "a": "first",
        ]))
    #expect(
      line == LogJSONTests.head
        + #""m","script":"report.lua","job":"nightly","run":"01JX","event":"run.failed","#
        + #""payload":{"n":1},"fields":{"a":"first","z":"last"}}"#)
  }

  @Test(
    arguments: [
      (.stringConvertible(7), "7"), (.stringConvertible(Int64.min), "-9223372036854775808"),
      (.stringConvertible(UInt64.max), "18446744073709551615"), (.stringConvertible(0.1), "0.1"),
      (.stringConvertible(1e300), "1e+300"), (.stringConvertible(-0.0), "-0.0"),
      (.stringConvertible(Float(0.1)), "0.1"),
      (.stringConvertible(true), "true"), (.stringConvertible(false), "false"),
      (.stringConvertible(Double.infinity), #""inf""#), (.stringConvertible(Double.nan), #""nan""#),
      (.string("7"), #""7""#), (.string("true"), #""true""#),
      (.stringConvertible("text"), #""text""#), (.stringConvertible([1, 2]), #""[1, 2]""#),
      (.array([]), "[]"), (.dictionary([:]), "{}"),
      (
        .array([.stringConvertible(1), .string("a"), .array([.dictionary(["k": "v"])])]),
        #"[1,"a",[{"k":"v"}]]"#
      ),
    ] as [(Logger.MetadataValue, String)])
  func `a value keeps its type`(value: Logger.MetadataValue, text: String) {
    #expect(LogJSON.text(value) == text)
  }

  @Test(arguments: [
    ("", ""), ("a\"b", #"a\"b"#), ("a\\b", #"a\\b"#), ("a\nb\r\tc", #"a\nb\r\tc"#),
    ("\r\n", #"\r\n"#), ("\0\u{1}\u{1f}", #"\u0000\u0001\u001f"#), ("\u{1b}[31m", #"\u001b[31m"#),
    ("\u{7f}\u{9b}", #"\u007f\u009b"#), ("\u{2028}\u{2029}", #"\u2028\u2029"#),
    ("é 😀 日本 \u{fffd}", "é 😀 日本 \u{fffd}"), ("e\u{301}\"", "e\u{301}\\\""), ("/", "/"),
  ])
  func `a string is escaped`(text: String, escaped: String) {
    #expect(LogJSON.text(.string(text)) == "\"\(escaped)\"")
    #expect(LogJSON.text([text: "v"]) == "{\"\(escaped)\":\"v\"}")
  }

  @Test func `no string makes a second line or an unescaped quote`() {
    var random = SystemRandomNumberGenerator()
    let seed = random.next() % 1_000_000
    print("seed \(seed)")
    var state = seed
    for _ in 0..<2_000 {
      var text = ""
      for _ in 0..<12 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let value = UInt32(truncatingIfNeeded: state >> 33)
        let scalar = Unicode.Scalar(value % (value & 1 == 0 ? 0xa0 : 0x3000)) ?? "\""
        text.unicodeScalars.append(scalar)
      }
      let json = LogJSON.text(.string(text)).unicodeScalars
      #expect(unescaped(json) == Array(text.unicodeScalars), "seed \(seed)")
      #expect(!json.contains { $0.value < 0x20 }, "seed \(seed)")
    }
  }

  /// A naive reader of JSON strings; nil if the text is none.
  private func unescaped(_ json: String.UnicodeScalarView) -> [Unicode.Scalar]? {
    guard json.first == "\"", json.last == "\"", json.count >= 2 else { return nil }
    var rest = json.dropFirst().dropLast()
    var result: [Unicode.Scalar] = []
    let short: [Unicode.Scalar: Unicode.Scalar] = [
      "n": "\n", "r": "\r", "t": "\t", "\"": "\"", "\\": "\\",
    ]
    while let scalar = rest.popFirst() {
      if scalar == "\"" { return nil }
      guard scalar == "\\" else {
        result.append(scalar)
        continue
      }
      guard let kind = rest.popFirst() else { return nil }
      if let known = short[kind] {
        result.append(known)
      } else {
        let digits = String(String.UnicodeScalarView(rest.prefix(4)))
        guard kind == "u", let code = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(code)
        else { return nil }
        rest = rest.dropFirst(4)
        result.append(scalar)
      }
    }
    return result
  }

  @Test func `an error that came with the event is a field`() {
    struct Broken: Error, CustomStringConvertible { let description = "broken" }
    #expect(
      LogJSON.line(record("m", .info, [:], error: Broken())) == LogJSONTests.head
        + #""m","fields":{"error":"broken"}}"#)
  }
}
