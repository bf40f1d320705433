import Layers
import Moonwheel
import MoonwheelReports
import MoonwheelSimulation
import Testing

struct NeededPermissionsTests {
  private func denied(_ script: String, _ kind: String, _ wanted: String) -> TraceEntry {
    var entry = TraceEntry(time: Timestamp(seconds: 0), event: "run.denied", script: script)
    entry.details = [
      .init("permission", .string(kind)), .init("wanted", .string(wanted)),
    ]
    return entry
  }

  @Test func `what was missing is a block for each script`() {
    var needed = NeededPermissions()
    #expect(needed.lines.isEmpty)
    needed.take(denied("b.lua", "run", "git"))
    needed.take(denied("a.lua", "net", "a.example"))
    needed.take(denied("a.lua", "net", "a.example"))
    needed.take(denied("a.lua", "read", "in \"x\""))
    needed.take(denied("a.lua", "nonsense", "x"))
    needed.take(TraceEntry(time: Timestamp(seconds: 0), event: "run.skipped", script: "c.lua"))
    #expect(
      needed.lines == [
        "These scripts were denied what they do not ask for. Add what is right:",
        "  a.lua:  permissions { net = { \"a.example\" }, read = { \"in \\\"x\\\"\" } }",
        "  b.lua:  permissions { run = { \"git\" } }",
      ])
  }

  @Test func `the list is bounded`() {
    var needed = NeededPermissions()
    for number in 0..<1_000 { needed.take(denied("a.lua", "env", "A\(number)")) }
    #expect(needed.lines[1].split(separator: ",").count == 256)
  }
}
