import Layers
import ModuleKit
import Moonwheel
import MoonwheelSimulation
import MoonwheelTesting
import TestSupport
import Testing

/// All scripts have the standard modules, wherever they run.
@Suite(.timeLimit(.minutes(1))) struct StandardModulesTests {
  private let script = "print(type(fs), fs == require('moonwheel.fs'), rawget(_G, 'fs') == fs)"

  @Test func `a host has them`() async throws {
    let host = try TestScheduler(["a.lua": script])
    #expect(host.log.said == ["table\ttrue\ttrue"])
    await host.stop()
  }

  @Test func `a simulation has them`() throws {
    let (_, trace) = try Simulation.load(["a.lua": script])
    #expect(trace.lines == ["table\ttrue\ttrue"])
  }

  @Test func `check knows their words`() throws {
    var configuration = Configuration()
    configuration.texts = [
      (name: "a.lua", source: "every('1m', function() return fs end)"),
      (name: "b.lua", source: "every('1m', function() return fs.raed('x') end)"),
    ]
    let inspection = try Inspection(configuration)
    #expect(inspection.errors.isEmpty)
    #expect(inspection.warnings.map(\.message).allSatisfy { $0.contains("fs.raed") })
  }

  @Test func `a program can leave them out`() async throws {
    struct Files: ScriptModule {
      let name = "fs"
      let functions = [ModuleFunction("name") { _ in "ours" }]
    }
    var configuration = Configuration()
    #expect {
      try configuration.add(Files())
    } throws: {
      "\($0)"
        == "\"fs\" is a standard module; choose another name, or take it out of standardModules"
    }
    configuration.standardModules.remove("fs")
    let bare = try TestScheduler(
      ["a.lua": "print(pcall(function() return fs end))"], configuration: configuration)
    let missing = "a.lua:1: 'fs' is not there: the program that runs this script leaves it out"
    #expect(bare.log.said.contains("false\t" + missing))
    await bare.stop()
    try configuration.add(Files())
    let host = try TestScheduler(["a.lua": "print(fs.name())"], configuration: configuration)
    #expect(host.log.said == ["ours"])
    await host.stop()
  }

  @Test func `a program cannot add to them`() throws {
    let scheduler = try Scheduler(Configuration())
    #expect {
      try scheduler.register("fs.more") { _ in .nil }
    } throws: {
      "\($0)"
        == "\"fs\" is a standard module; choose another name, or take it out of standardModules"
    }
  }

  @Test func `a script that uses none has none of their tables`() async throws {
    let host = try TestScheduler(["a.lua": "print(rawget(_G, 'fs'))"])
    #expect(host.log.said == ["nil"])
    await host.stop()
  }
}
