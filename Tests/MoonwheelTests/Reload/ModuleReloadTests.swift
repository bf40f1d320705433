import MoonwheelTesting
import Testing

/// Reloads of scripts whose modules change.
@Suite struct ModuleReloadTests {
  @Test(arguments: ["m.lua", "lib/m.lua", "lua_modules/share/lua/5.4/m.lua", "lib/m/n.lua"])
  func `a changed module reloads the scripts that require it`(file: String) async throws {
    let name = file.hasSuffix("m/n.lua") ? "m.n" : "m"
    let script =
      "local m = require('\(name)')\n" + ReloadTests.tick("x").replacing("'x'", with: "m")
    // A module beside the scripts is a script as well: one without jobs.
    try await withFolder([file: "return 'old'", "a.lua": script, "b.lua": ReloadTests.tick("b")]) {
      served in
      served.advance(by: 10)
      #expect(served.said().sorted() == ["b", "old"])
      try served.write(file, "return 'new'")
      if file == "m.lua" {
        served.expect("reloaded a.lua", "reloaded m.lua")
      } else {
        served.expect("reloaded a.lua")
      }
      served.advance(by: 10)
      #expect(served.said().sorted() == ["b", "new"])
    }
  }

  @Test func `a script in a subfolder finds modules beside itself, then in the folder given`()
    async throws
  {
    try await withFolder([
      "lib/m.lua": "return 'far'", "sub/lib/m.lua": "return 'near'",
      "lib/n.lua": "return require('o')",
      "lib/o.lua": "return 'deep'",
      "sub/a.lua": "print(require('m'), require('n'), require('m') == require('m'))",
    ]) { served in
      #expect(served.said() == ["near\tdeep\ttrue"])
      try served.write("lib/o.lua", "return 'changed'")
      served.expect("reloaded sub/a.lua")
      served.folder.remove("sub/lib/m.lua")
      served.expect("reloaded sub/a.lua")
      #expect(served.said() == ["near\tchanged\ttrue", "far\tchanged\ttrue"])
    }
  }

  @Test func `a script loads when a module that it lacked appears`() async throws {
    try await withFolder(["a.lua": "local m = require('m')\nprint(m)"]) { served in
      #expect(
        served.log.messages(of: "script.failed").first?.split(separator: "\n").first
          == "a.lua:1: module 'm' not found; looked for m.lua, lib/m.lua, lua_modules/share/lua/5.4/m.lua"
      )
      try served.write("lib/m.lua", "return 'here'")
      served.expect("loaded a.lua")
      #expect(served.said() == ["here"])
    }
  }

  @Test func `a module that a callback required is watched`() async throws {
    try await withFolder([
      "lib/m.lua": "return 'old'",
      "a.lua": "every('10s', function() print(require('m')) end)",
    ]) { served in
      served.advance(by: 10)
      try served.write("lib/m.lua", "return 'new'")
      served.expect("reloaded a.lua")
      served.advance(by: 10)
      #expect(served.said() == ["old", "new"])
    }
  }
}
