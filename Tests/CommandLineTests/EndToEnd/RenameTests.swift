import Glibc
import Testing

/// A script is renamed: what is kept of it, and who takes it over.
@Suite(.serialized) struct RenameTests {
  private static let script = """
    job("mail", { run = function(run) print("sent", run.args) end })
    every("100ms", { name = "count", state = { n = 1000 } }, function(run)
      run.state.n = run.state.n + 1
      print("n is " .. run.state.n)
    end)
    every("100ms", { name = "key" }, function() print("key is " .. kv.add("self.key", 1)) end)
    """

  private func folder() throws -> ScriptFolder {
    try ScriptFolder([
      "old.lua": Self.script
        + "\nafter('10ms', { name = 'once' }, function() jobs['mail']:after('4s', 'Ada') end)",
      "other.lua": "every('1h', { name = 'x' }, function() end)",
    ])
  }

  @Test func `live, with formerly in the new file`() throws {
    let folder = try folder()
    let host = try MoonwheelProcess(["run", folder.path])
    try host.line("n is 1005")
    try host.line("key is 3")
    try folder.write("draft", "defaults { formerly = 'old.lua' }\n" + Self.script)
    unsafe unlink("\(folder.path)/old.lua")
    unsafe _ = rename("\(folder.path)/draft", "\(folder.path)/new.lua")
    try host.line(
      "new.lua  took over from old.lua, its former name: its 4 jobs, with a promised run")
    let line = try host.line("new.lua/count  n is")
    let number = try #require(line.split(separator: " ").last.flatMap { Int($0) })
    #expect(number > 1_005, "\(host.text(.log))")
    let key = try host.line("new.lua/key  key is").split(separator: " ").last.flatMap { Int($0) }
    #expect(key.map { $0 > 3 } == true, "\(host.text(.log))")
    try host.line("new.lua/mail  sent\tAda")
    host.signal(SIGTERM)
    #expect(try host.exit() == 0)
  }

  @Test func `over a restart, with formerly written only after the log has asked for it`() throws {
    let folder = try folder()
    let first = try MoonwheelProcess(["run", folder.path])
    try first.line("n is 1005")
    first.signal(SIGKILL)
    _ = try first.exit()
    unsafe _ = rename("\(folder.path)/old.lua", "\(folder.path)/new.lua")
    try folder.write("new.lua", Self.script)
    let host = try MoonwheelProcess(["run", folder.path])
    try host.line(
      "WARN  old.lua  the script is gone, and the store keeps its 4 jobs, with a promised run")
    try host.line("new.lua/count  n is 1001")
    try folder.write("new.lua", "defaults { formerly = { 'old.lua' } }\n" + Self.script)
    try host.line("new.lua/mail  sent\tAda")
    let numbers = host.text(.log).split(separator: "\n").filter { $0.contains("n is ") }
      .compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }
    #expect(numbers.contains { $0 > 1_005 }, "\(numbers)")
    host.signal(SIGTERM)
    #expect(try host.exit() == 0)
    let list = try moonwheel(
      "runs", "--job", "new.lua:mail", "--store", "\(folder.path)/.moonwheel/store.db")
    #expect(list.output.contains("succeeded"))
  }

  @Test func `a script that is still there is left alone`() throws {
    let folder = try folder()
    try folder.write("new.lua", "defaults { formerly = 'old.lua' }\n" + Self.script)
    let outcome = try moonwheel("run", folder.path, "--for", "500ms")
    #expect(
      outcome.log.contains("WARN  new.lua  formerly: old.lua is a script still"), "\(outcome.log)")
    #expect(outcome.log.contains("old.lua/count  n is 1001"))
    #expect(outcome.log.contains("new.lua/count  n is 1001"))
  }

  @Test(arguments: [
    "defaults { formerly = 7 }", "defaults { formerly = '' }",
    "every('1h', { formerly = 'a.lua' }, print)",
  ])
  func `a bad former name is refused`(text: String) throws {
    let folder = try ScriptFolder(["a.lua": text])
    let outcome = try moonwheel("check", folder.path)
    #expect(outcome.code == 1)
    #expect(outcome.log.contains("formerly"), "\(outcome.log)")
  }
}
