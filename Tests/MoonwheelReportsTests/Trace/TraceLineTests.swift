import Testing

@testable import MoonwheelReports

@Suite struct TraceLineTests {
  private static func line(_ run: String, _ rest: String = "", reason: String = "null") -> String {
    #"{"t":"2026-06-01T00:00:00+00:00","event":"run.started","script":"a.lua","job":"b\"}{,","run":\#(run),"scheduled_at":null,"reason":\#(reason)\#(rest)}"#
  }

  private static func parse(_ text: String) -> TraceLine? { TraceLine(Array(text.utf8)[...]) }

  @Test func `a line is split into fields whatever its texts contain`() throws {
    let text = Self.line("null", #","result":{"a":[1,{"b":"]}\\"}],"c":2},"count":3"#)
    let line = try #require(Self.parse(text))
    #expect(
      line.fields.map(\.key) == [
        "t", "event", "script", "job", "scheduled_at", "reason", "result", "count",
      ])
    #expect(line["job"] == #"b\"}{,"#)
    #expect(line["reason"] == nil && line["none"] == nil)
    #expect(line.words.hasSuffix(#"run.started  result {"a":[1,{"b":"]}\\"}],"c":2}  count 3"#))
  }

  @Test func `lines that differ only in ids of runs are equal`() throws {
    let one = Self.line(#""D1DND5J000001""#, reason: #""run D1DND5J000001 stands for it""#)
    let two = Self.line(#""D1DND5J000002""#, reason: #""run D1DND5J000002 stands for it""#)
    #expect(try #require(Self.parse(one)) == #require(Self.parse(two)))
  }

  @Test(arguments: [
    (line("null", #","result":1"#), line("null", #","result":2"#)),
    (line("null", #","result":1"#), line("null")),
    (line("null", reason: #""a""#), line("null", reason: #""b""#)),
    (line("null", #","message":"D1DND5J000001""#), line("null", #","message":"D1DND5J000002""#)),
    (line("null", #","a":"b""#), line("null", #","ab":"""#)),
  ])
  func `lines that differ in anything else are not equal`(one: String, two: String) throws {
    #expect(try #require(Self.parse(one)) != #require(Self.parse(two)))
  }

  @Test(arguments: ["", "{", "{}", "[]", "{\"t\":1}", "{\"t\":\"a\" }"])
  func `anything but a line is refused`(text: String) {
    #expect(Self.parse(text) == nil)
    #expect(Self.parse(Self.line("null") + text + "x") == nil)
  }

  @Test func `a part of a line is refused`() {
    let text = Array(Self.line("null", #","result":{"a":"\u0001"}"#).utf8)
    for length in 0..<text.count { #expect(TraceLine(text[..<length]) == nil) }
    #expect(TraceLine(text[...]) != nil)
  }
}
