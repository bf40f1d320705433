import Foundation
import Glibc
import Testing

/// A host whose store is removed, for example by `git clean -fdx`.
@Suite(.serialized) struct LostStoreTests {
  private static let script = """
    local work = job("work", { run = function(run) print("works " .. run.args) end })
    every("100ms", { name = "ask" }, function(run)
      local id, why, code = work:after("1h", "n" .. run.n)
      print(id and "promised" or "refused " .. code .. ": " .. why)
    end)
    """

  private func folder() throws -> ScriptFolder { try ScriptFolder(["a.lua": Self.script]) }

  @Test func `a removed store is reported, and made again with all of its contents`() throws {
    let folder = try folder()
    let host = try MoonwheelProcess(["run", folder.path])
    try host.line("promised", count: 3)
    try FileManager.default.removeItem(atPath: folder.path + "/.moonwheel")
    try host.line("the store fails, and jobs go on")
    try host.line("the store works again; nothing was lost")
    let before = host.text(.log).split(separator: "\n").filter { $0.contains("  promised") }.count
    try host.line("  promised", count: before + 3)
    host.signal(SIGKILL)
    _ = try host.exit()
    let promised = host.text(.log).split(separator: "\n").filter { $0.contains("  promised") }.count
    let why = try moonwheel(
      "why", "work", "--json", "--store", folder.path + "/.moonwheel/store.db")
    let waiting = why.lines.filter { $0.contains(#""kind":"waiting""#) }.count
    // Some promises may have been stored but not yet logged when the host was killed.
    #expect((promised...promised + 2).contains(waiting))
    let runs = try moonwheel(
      "runs", "--job", "ask", "--store", folder.path + "/.moonwheel/store.db")
    #expect(runs.lines.count >= 3)
  }

  @Test
  func `after another host has made a new store, the first one reports that and refuses promises`()
    throws
  {
    let folder = try folder()
    let first = try MoonwheelProcess(["run", folder.path])
    try first.line("promised", count: 3)
    first.signal(SIGSTOP)
    try FileManager.default.removeItem(atPath: folder.path + "/.moonwheel")
    let second = try MoonwheelProcess(["run", folder.path])
    try second.line("promised", count: 3)
    first.signal(SIGCONT)
    try first.line("restart the host to use this file")
    try first.line("refused replaced")
    let before = second.text(.log).split(separator: "\n").filter { $0.contains("promised") }.count
    first.signal(SIGTERM)
    #expect(try first.exit() == 0)
    try second.line("promised", count: before + 3)
    second.signal(SIGTERM)
    #expect(try second.exit() == 0)
    #expect(!second.text(.log).contains("the store fails"))
  }
}
