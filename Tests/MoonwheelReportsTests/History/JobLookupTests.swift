import HistorySamples
import Layers
import Moonwheel
import Testing

@testable import MoonwheelReports

@Suite struct JobLookupTests {
  private static func find(_ text: String) throws -> StoredJob {
    let changes = [
      storedJob("nightly"), storedJob("tick", key: 2),
      storedJob("tick", script: "other.lua", key: 3), storedJob("a:b", script: "c:d.lua", key: 4),
    ].map { StoreChange.job($0) }
    return try JobLookup.find(text, in: try store(changes))
  }

  @Test(arguments: [
    ("nightly", "report.lua:nightly"), ("other.lua:tick", "other.lua:tick"),
    ("a:b", "c:d.lua:a:b"), ("c:d.lua:a:b", "c:d.lua:a:b"),
  ])
  func `a unique name finds its job, and so do script and name`(text: String, title: String)
    throws
  {
    #expect(try Self.find(text).title == title)
  }

  @Test(
    arguments: [
      (
        "tick", .ambiguousJob,
        #"2 scripts have a job "tick"; say which: other.lua:tick, report.lua:tick"#
      ),
      ("nightl", .unknownJob, #"the store has no job "nightl"; did you mean "nightly"?"#),
      ("zz\u{1b}", .unknownJob, #"the store has no job "zz\u{1b}""#),
    ] as [(String, ReportError.Code, String)])
  func `an unknown or ambiguous name is refused`(
    text: String, code: ReportError.Code, message: String
  ) throws {
    let error = try #require(throws: ReportError.self) { try Self.find(text) }
    #expect(error.code == code && error.description == message, "\(error)")
  }
}
