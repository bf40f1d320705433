import Glibc
import Testing

/// The host starts with a file that is broken, and that was good at an earlier start.
@Suite(.serialized) struct LastGoodTests {
  private static func script(_ text: String) -> String {
    """
    local words = require("words")
    every("50ms", { name = "tick" }, function() print(words.word .. " \(text)") end)
    """
  }

  private static let broken = "every('50ms', { name = 'tick' }, function("

  /// A folder on which a host has run the first version and was killed.
  private func killedHost(_ flags: String...) throws -> ScriptFolder {
    let folder = try ScriptFolder([
      "a.lua": Self.script("one"), "words.lua": "return { word = 'good' }",
    ])
    let host = try MoonwheelProcess(["run", folder.path] + flags)
    try host.line("good one")
    usleep(300_000)  // the store has the version within 100 ms
    host.signal(SIGKILL)
    _ = try host.exit()
    return folder
  }

  @Test func `the last good version of a broken script runs until the script is repaired`() throws {
    let folder = try killedHost()
    try folder.write("a.lua", Self.broken)
    let host = try MoonwheelProcess(["run", folder.path])
    try host.line("ERROR a.lua  a.lua:1:")
    try host.line("The last good version, loaded first at ")
    try host.line("good one")
    try folder.write("a.lua", Self.broken + "!")
    try host.line("ERROR a.lua", count: 2)
    try host.line("The jobs of the last good version go on.")
    try folder.write("a.lua", Self.script("two"))
    try host.line("good two")
    host.signal(SIGTERM)
    #expect(try host.exit() == 0)
    #expect(host.text(.log).contains("a.lua  reloaded, 1 job"))
  }

  @Test func `a script with a broken module runs with the last good module`() throws {
    let folder = try killedHost()
    try folder.write("words.lua", "return {")
    try folder.write("a.lua", Self.script("two"))
    let host = try MoonwheelProcess(["run", folder.path])
    try host.line("ERROR a.lua  words.lua:1:")
    try host.line("good one")
    try folder.write("words.lua", "return { word = 'mended' }")
    try host.line("mended two")
    host.signal(SIGTERM)
    #expect(try host.exit() == 0)
  }

  /// A file mode is no case: root can read every file.
  @Test(arguments: ["error('no')", "function(", "while true do end", "require('nothing')"])
  func `the last good version runs at each start, whatever keeps the text from loading`(
    text: String
  ) throws {
    let folder = try killedHost()
    try folder.write("a.lua", text)
    for _ in 1...2 {
      let host = try MoonwheelProcess(["run", folder.path])
      try host.line("good one", count: 2)
      host.signal(SIGKILL)
      _ = try host.exit()
    }
  }

  @Test
  func `a script that was removed has no last good version, even if a broken one replaces it`()
    throws
  {
    let folder = try killedHost()
    try folder.write(
      "other.lua", "every('50ms', { name = 'other' }, function() print('other') end)")
    unsafe unlink("\(folder.path)/a.lua")
    let host = try MoonwheelProcess(["run", folder.path])
    try host.line("other.lua/other", count: 5)
    usleep(300_000)
    host.signal(SIGTERM)
    #expect(try host.exit() == 0)
    #expect(!host.text(.log).contains("good one"))
    try folder.write("a.lua", Self.broken)
    let outcome = try moonwheel("run", folder.path, "--for", "1s")
    #expect(outcome.log.contains("ERROR a.lua"))
    #expect(!outcome.log.contains("good one"))
  }

  @Test func `a store in memory keeps no versions`() throws {
    let folder = try killedHost("--store", "memory")
    try folder.write("a.lua", Self.broken)
    let outcome = try moonwheel("run", folder.path, "--store", "memory", "--for", "1s")
    #expect(outcome.log.contains("ERROR a.lua"))
    #expect(!outcome.log.contains("good one"))
  }

  @Test
  func `a script that cannot be read is logged with the reason, and the others start`()
    throws
  {
    let folder = try killedHost()
    unsafe unlink("\(folder.path)/a.lua")
    // Not even root reads this one.
    let file = unsafe open("\(folder.path)/a.lua", O_WRONLY | O_CREAT, 0o644)
    try #require(ftruncate(file, 3 << 30) == 0)
    close(file)
    try folder.write(
      "other.lua", "every('50ms', { name = 'other' }, function() print('other') end)")
    let host = try MoonwheelProcess(["run", folder.path])
    try host.line("a.lua: this is larger than 16 MiB")
    try host.line("other.lua/other")
    try host.line("good one")
    host.signal(SIGTERM)
    #expect(try host.exit() == 0)
  }
}
