import Layers
import Moonwheel
import MoonwheelSimulation
import Testing

@testable import MoonwheelReports

@Suite struct TraceJSONTests {
  @Test func `texts are escaped, and each line has its own time`() {
    var json = TraceJSON(zone: .utc)
    var entry = TraceEntry(
      time: Timestamp(seconds: 0), event: "log", script: "a\"\\\n\u{7f}ü.lua", job: "b")
    entry.scheduledAt = Timestamp(nanoseconds: 1_500_000_000)
    entry.details = [.init("message", "\u{1}"), .init("fields", ["a": [1, true]])]
    let rest =
      #""event":"log","script":"a\"\\\n\u007fü.lua","job":"b","run":null,"scheduled_at":"1970-01-01T00:00:01.500+00:00","reason":null,"message":"\u0001","fields":{"a":[1,true]}}"#
    #expect(json.line(entry) == #"{"t":"1970-01-01T00:00:00+00:00","# + rest)
    entry.time = Timestamp(seconds: 60)
    #expect(json.line(entry) == #"{"t":"1970-01-01T00:01:00+00:00","# + rest)
  }
}
