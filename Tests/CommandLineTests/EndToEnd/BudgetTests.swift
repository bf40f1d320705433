import Glibc
import SystemCalls
import Testing

/// Scripts that want `simulate` and `test` never to end: the commands end within their budget, and say so.
@Suite struct BudgetTests {
  /// Of real time. A busy machine may take some more, but not minutes.
  private static let budget = "400ms"
  private static let most: Int64 = 15_000_000_000

  /// Runs the program, and checks that it has ended in time, in a way that it may.
  private static func run(_ arguments: [String], in folder: ScriptFolder) throws -> Outcome {
    let began = Clocks.monotonic()
    let outcome = try moonwheel(arguments + ["--budget", budget], in: folder)
    let took = Clocks.monotonic() - began
    #expect(took < most, "\(took) ns")
    #expect([0, 1, 124].contains(outcome.code), "\(outcome.code)\n\(outcome.log)")
    #expect(
      (outcome.code == 124) == outcome.log.contains("moonwheel: out of time:"), "\(outcome.log)")
    return outcome
  }

  private static let year = ["simulate", ".", "--from", "2026-01-01", "--for", "365d"]

  @Test(arguments: HostileScript.oneByOne)
  func `a simulation of a hostile script ends`(script: HostileScript) throws {
    let folder = try ScriptFolder(["hostile.lua": script.text])
    _ = try Self.run(Self.year, in: folder)
  }

  @Test(arguments: HostileScript.oneByOne)
  func `a test of a hostile script ends`(script: HostileScript) throws {
    let folder = try ScriptFolder(["hostile.lua": script.text, "hostile_test.lua": script.asTest])
    _ = try Self.run(["test", "."], in: folder)
  }

  @Test(arguments: HostileScript.tests)
  func `a hostile test ends`(script: HostileScript) throws {
    let folder = try ScriptFolder(["hostile.lua": script.text])
    let outcome = try Self.run(["test", "."], in: folder)
    #expect(outcome.code != 0)
  }

  @Test func `a folder of all of them ends, and the command says what took the time`() throws {
    let folder = try ScriptFolder()
    for (index, script) in HostileScript.all.enumerated() {
      try folder.write("s\(index).lua", script.text)
    }
    let simulated = try Self.run(Self.year, in: folder)
    #expect(simulated.code == 124)
    for (index, script) in HostileScript.tests.enumerated() {
      try folder.write("t\(index)_test.lua", script.text)
    }
    let tested = try Self.run(["test", "."], in: folder)
    #expect(tested.code == 124 && tested.log.contains("--budget gives more"))
  }

  @Test(arguments: [
    "(\"\"):rep(50000000)", "table.move({}, 1, 5000000, 2)",
    "local t = {} for i = 1, 1000 do t[i] = 1000 - i end for i = 1, 300 do table.sort(t) end",
    "local t = {} t[1000000] = 1 for i = 1, 10 do table.insert(t, 1, 1) table.remove(t, 1) end",
  ])
  func `C calls that each end count as work, and end at the same place each time`(call: String)
    throws
  {
    let folder = try ScriptFolder([
      "a.lua":
        "every(\"1h\", { name = \"j\", timeout = \"2s\" }, function() local n = 0 while true do n = n + 1 do \(call) end for i = 1, 1000 do end print(n) end end)"
    ])
    let arguments = ["simulate", ".", "--from", "2026-01-01", "--for", "61m", "--json"]
    let first = try moonwheel(arguments, in: folder)
    #expect(first.code == 0 && first.output.contains("run.timed_out"), "\(first.log)")
    #expect(try moonwheel(arguments, in: folder).output == first.output)
  }

  @Test func `what happened until then is shown`() throws {
    let folder = try ScriptFolder(["a.lua": "every(\"1ms\", { name = \"often\" }, function() end)"])
    let outcome = try Self.run(Self.year, in: folder)
    #expect(outcome.code == 124 && outcome.output.contains("a.lua:often"), "\(outcome.output)")
    #expect(outcome.log.contains("the simulation was at 2026-01-01T"), "\(outcome.log)")
  }

  @Test func `the script that computes is named`() throws {
    let folder = try ScriptFolder([
      "a.lua": "every(\"1s\", function() end)",
      "b.lua": "every(\"1s\", { timeout = \"1000h\" }, function() (\"\"):rep(1 << 60) end)",
    ])
    let outcome = try Self.run(Self.year, in: folder)
    #expect(
      outcome.code == 124 && outcome.log.contains("most of it went to b.lua"), "\(outcome.log)")
  }

  @Test func `a budget that cannot be is wrong usage`() throws {
    let folder = try ScriptFolder(["a.lua": "every(\"1h\", function() end)"])
    for arguments in [["simulate", "."], ["test", "."]] {
      let outcome = try moonwheel(arguments + ["--budget", "soon"], in: folder)
      #expect(outcome.code == 64 && outcome.log.contains("--budget"), "\(outcome.log)")
    }
    let short = try moonwheel(
      ["simulate", "."], in: folder, environment: ["MOONWHEEL_BUDGET": "1ms"])
    #expect(short.code == 64 && short.log.contains("MOONWHEEL_BUDGET"), "\(short.log)")
  }
}
