import JSON
import Layers
import Moonwheel
import Testing

@testable import MoonwheelReports

@Suite struct FireQueryTests {
  private static let now = Timestamp(seconds: 1_767_225_600)  // 2026-01-01T00:00:00Z

  private static func answer(_ line: String) -> String {
    FireAnswer(timeZone: "UTC").object(forLine: line, now: now).description
  }

  @Test(arguments: [
    (#"{"spec":"every 1s","n":2}"#, ["2026-01-01T00:00:01+00:00", "2026-01-01T00:00:02+00:00"]),
    (#"{"spec":"every 1h","n":1.0,"from":null,"other":[1]}"#, ["2026-01-01T01:00:00+00:00"]),
    (#" { "spec" : "every 1h", "till" : "2026-01-01T00:59:00Z" } "#, []),
    (#"{"spec":"every 1h","spec":"every 2h","n":1}"#, ["2026-01-01T01:00:00+00:00"]),
    (#"{"spec":"every 1h","n":0}"#, []),
    (#"{"spec":"every day at 02:00","tz":"Asia/Tokyo","n":1}"#, ["2026-01-02T02:00:00+09:00"]),
    (#"{"spec":"every sunset","lat":52,"lon":13.4,"n":1}"#, ["2026-01-01T15:05:35+00:00"]),
  ])
  func `a request is answered`(line: String, fires: [String]) {
    let next = fires.map { "\"\($0)\"" }.joined(separator: ",")
    #expect(Self.answer(line) == "{\"next\":[\(next)]}")
  }

  @Test(arguments: [
    (#"{"n":2}"#, #""spec" is missing; write"#), (#"{"spec":null}"#, #""spec" is missing; write"#),
    ("[]", "it is not an object; write"), (#""every 1s""#, "it is not an object; write"),
    ("", "column 1: expected a value, not the end; write"),
    (#"{"spec":"every 1s",}"#, "column 20: expected a key in double quotes"),
    (#"{"spec":5}"#, #""spec" must be a text"#),
    (#"{"spec":"every 1s","tz":1}"#, #""tz" must be a text"#),
    (#"{"spec":"every 1s","n":"3"}"#, #""n" must be a whole number"#),
    (#"{"spec":"every 1s","n":1.5}"#, #""n" must be a whole number"#),
    (#"{"spec":"every 1s","n":99999999999999999999}"#, #""n" must be a whole number"#),
    (#"{"spec":"every 1s","n":true}"#, #""n" must be a whole number"#),
    (#"{"spec":"every 1s","lat":"x"}"#, #""lat" must be a number"#),
  ])
  func `a line that is not a request is refused with its mistake`(line: String, mistake: String)
    throws
  {
    let error = try #require(throws: ReportError.self) { try FireQuery(line: line) }
    #expect(error.code == .badRequest)
    #expect(error.description.hasPrefix("not a request: \(mistake)"), "\(error)")
    #expect(try JSONReader.read(Self.answer(line)) == .object([("error", .string("\(error)"))]))
  }

  @Test func `only a mistake in the spec has a column`() throws {
    let spec = try JSONReader.read(Self.answer(#"{"spec":"cron 61 * * * *"}"#))
    #expect(spec["column"] == .integer(1) && spec["error"] != nil)
    let from = try JSONReader.read(Self.answer(#"{"spec":"every 1s","from":"soon"}"#))
    #expect(from["column"] == nil && from["error"] != nil)
  }
}
