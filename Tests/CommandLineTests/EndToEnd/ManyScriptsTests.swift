import Glibc
import SystemCalls
import Testing

/// A host with very many scripts.
@Suite struct ManyScriptsTests {
  private static func folder(_ count: Int) throws -> ScriptFolder {
    let folder = try ScriptFolder()
    for number in 0..<count {
      // Each takes a moment to load, so that the signal comes in between.
      try folder.write(
        "s\(number).lua", "for i = 1, 1e6 do end every(\"1s\", { name = \"j\" }, function() end)")
    }
    return folder
  }

  @Test func `TERM while scripts load ends the host soon`() throws {
    let folder = try Self.folder(1_500)
    let process = try MoonwheelProcess(["run", ".", "--store", "memory"], in: folder)
    try process.line("loaded")
    let began = Clocks.monotonic()
    process.signal(SIGTERM)
    let code = try process.exit()
    let took = Clocks.monotonic() - began
    #expect(code == 0 && took < 5_000_000_000, "\(code) after \(took) ns")
    let loaded = process.text(.log).split(separator: "\n").count { $0.contains("loaded") }
    #expect(loaded < 1_500, "all had loaded: the test shows nothing")
  }

  @Test func `scripts that are there are found by name, and one of the same name is refused`()
    throws
  {
    let folder = try ScriptFolder(["a.lua": "job(\"one\", { run = function() return 1 end })"])
    try folder.makeFolder("more")
    try folder.write("a.lua", "job(\"two\", { run = function() return 2 end })", in: "more")
    let outcome = try moonwheel("run", "a.lua", "more", "--store", "memory", in: folder)
    #expect(outcome.code != 0 && outcome.log.contains("have the same name \"a.lua\""))
  }
}
