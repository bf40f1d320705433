import Layers
import Moonwheel
import MoonwheelReports
import Testing

@Suite struct JobTableTests {
  private static func table() throws -> JobTable {
    var configuration = Configuration()
    configuration.texts = [
      (
        "a.lua",
        "every('10s', { name = 'a\\tb\\27[31m' }, print)\non('x', { name = 'long name' }, print)"
      )
    ]
    return JobTable(try Inspection(configuration).jobs)
  }

  @Test func `columns have equal widths for people, and tabs for programs`() throws {
    let table = try Self.table()
    #expect(table.aligned.count == 2)
    #expect(table.aligned[0].hasPrefix("a.lua:1  a\\tb\\u{1b}[31m  every 10 seconds; next 20"))
    #expect(table.aligned[1] == "a.lua:2  long name       on the event x")
    #expect(table.tabbed[1] == "a.lua:2\tlong name\ton the event x")
    #expect(table.tabbed[0].split(separator: "\t").count == 3)
  }
}
