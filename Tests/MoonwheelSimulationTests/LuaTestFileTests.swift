import Layers
import Moonwheel
import MoonwheelSimulation
import Testing

/// Runs the tests that are written in Lua: those of the example scripts, those of cases that other schedulers got wrong,
/// and those of the modules that are written in Lua.
@Suite struct LuaTestFileTests {
  static let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

  static let tests: [ScriptTests.Test] = {
    do {
      let folders = ["scripts", "Examples/Scripts", "Tests/Lua"].map { "\(root)/\($0)" }
      return try ScriptTests.files(in: folders).flatMap {
        try ScriptTests(path: $0.path, root: $0.root).all
      }
    } catch {
      preconditionFailure("\(error)")
    }
  }()

  @Test(arguments: tests) func `a Lua test passes`(_ test: ScriptTests.Test) {
    let failure = test.run()
    #expect(failure == nil, "\(failure?.message ?? "")\n\(failure?.traceback ?? "")")
  }

  @Test func `there are Lua tests`() { #expect(Self.tests.count >= 8) }
}

extension ScriptTests.Test: CustomTestStringConvertible {
  public var testDescription: String { "\(file): \(name)" }
}
