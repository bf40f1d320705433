import Layers
import MoonwheelTesting
import Testing

@testable import Moonwheel

/// Modules that a run requires while another run loads them.
@Suite struct ModuleLoadTests {
  private static let slow = "print('loads') sleep(2) print('loaded') return { n = 1 }"

  @Test func `a run waits for a module that another run is loading`() async throws {
    let script = """
      for i = 1, 3 do
        after(i * 0.5, { name = 'r' .. i }, function() print(i, require('slow') == require('slow'), require('slow').n) end)
      end
      """
    try await withFolder(["a.lua": script, "lib/slow.lua": Self.slow]) { served in
      served.advance(by: 3)
      #expect(
        served.said() == ["loads", "loaded", "1\ttrue\t1", "2\ttrue\t1", "3\ttrue\t1"])
    }
  }

  @Test func `when the run that loads fails, the next one loads`() async throws {
    let script = """
      for i = 1, 2 do
        after(i, { name = 'r' .. i }, function() print(i, pcall(require, 'slow')) end)
      end
      """
    let module =
      "tries = (tries or 0) + 1 sleep(2) if tries == 1 then error('no', 0) end return 'good'"
    try await withFolder(["a.lua": script, "lib/slow.lua": module]) { served in
      served.advance(by: 6)
      #expect(served.said() == ["1\tfalse\tno", "2\ttrue\tgood"])
    }
  }

  @Test(arguments: ["{ soft = 1, hard = 1.5 }", "1"])
  func `when the run that loads is interrupted, the next one loads`(timeout: String) async throws {
    let script = """
      after(1, { name = 'ended', timeout = \(timeout) }, function() require('slow') end)
      after(1.5, { name = 'waits' }, function() print(require('slow')) end)
      """
    let module = """
      tries = (tries or 0) + 1
      local mark <close> = setmetatable({}, { __close = function() if tries == 1 then sleep('1h') end end })
      sleep(5)
      return 'good'
      """
    try await withFolder(["a.lua": script, "lib/slow.lua": module]) { served in
      served.advance(by: 10)
      #expect(served.said() == ["good"])
    }
  }

  @Test func `runs that wait for each other's modules get an error`() async throws {
    let script = """
      after(1, { name = 'one' }, function() print(pcall(require, 'one')) end)
      after(1.5, { name = 'two' }, function() print(pcall(require, 'two')) end)
      """
    try await withFolder([
      "a.lua": script, "lib/one.lua": "sleep(1) return 'one and ' .. require('two')",
      "lib/two.lua": "sleep(1) return 'two and ' .. require('one')",
    ]) { served in
      served.advance(by: 5)
      let said = served.said()
      #expect(said.count == 2)
      #expect(said.contains { $0.hasSuffix("a cycle of require: two -> one -> two") }, "\(said)")
    }
  }
}
