import Layers
import Logging
import Moonwheel
import Testing

@testable import MoonwheelReports

/// 12:00:00.123 in Berlin.
private let noon = Timestamp(nanoseconds: 1_774_695_600_123_456_789)

func record(
  _ message: String = "m", _ level: Logger.Level = .info, _ metadata: Logger.Metadata = [:],
  error: (any Error)? = nil, at time: Timestamp = noon
) -> LogRecord {
  let event = LogEvent(
    level: level, message: "\(message)", error: error, metadata: metadata, source: "s", file: "f",
    function: "f", line: 1)
  return LogRecord(event, loggerMetadata: [:], provider: nil, time: time)
}

@Suite struct LogJSONTests {
  private static let head = #"{"ts":"2026-03-28T11:00:00.123456Z","level":"info","message":"#

  @Test func `a line without metadata has time, level and message`() {
    #expect(LogJSON.line(record("hello")) == LogJSONTests.head + #""hello"}"#)
  }

  @Test func `known metadata has keys of its own, other metadata becomes fields`() {
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

  @Test func `texts and keys are escaped`() {
    #expect(LogJSON.text(.string("a\"\u{1b}")) == #""a\"\u001b""#)
    #expect(LogJSON.text(["\n": "v"]) == #"{"\n":"v"}"#)
  }

  @Test func `the error of an event becomes a field`() {
    struct Broken: Error, CustomStringConvertible { let description = "broken" }
    #expect(
      LogJSON.line(record("m", .info, [:], error: Broken())) == LogJSONTests.head
        + #""m","fields":{"error":"broken"}}"#)
  }
}
