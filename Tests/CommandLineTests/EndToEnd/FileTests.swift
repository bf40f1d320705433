import Foundation
import Glibc
import Testing

/// Files of scripts, in hosts of their own.
@Suite(.serialized) struct FileTests {
  /// Empty where there is no such folder.
  private static func names(_ path: String) -> [String] {
    guard FileManager.default.fileExists(atPath: path) else { return [] }
    do { return try FileManager.default.contentsOfDirectory(atPath: path) } catch { return [] }
  }

  private func temporary(_ folder: ScriptFolder) -> [String] {
    let tmp = folder.path + "/.moonwheel/store.db.files/tmp"
    return Self.names(tmp).flatMap { life in Self.names("\(tmp)/\(life)/tmp/a.lua") }
  }

  @Test func `a killed host's temporary folders go at the next start, and its data stays`() throws {
    let folder = try ScriptFolder([
      "a.lua": """
      every("50ms", { name = "take", overlap = "allow", max_instances = 20 }, function(run)
        local folder = assert(fs.tmp())
        assert(fs.write(folder .. "/x", ("x"):rep(100000)))
        assert(fs.append(fs.data .. "/log", "line\\n"))
        print("taken " .. run.n)
        sleep("1h")
      end)
      """
    ])
    let host = try MoonwheelProcess(["run", folder.path])
    try host.line("taken", count: 5)
    #expect(temporary(folder).count >= 5)
    host.signal(SIGKILL)
    _ = try host.exit()
    #expect(temporary(folder).count >= 5)
    try folder.write(
      "a.lua", "every('50ms', function() print('lives ' .. #fs.read(fs.data .. '/log')) end)")
    let next = try MoonwheelProcess(["run", folder.path])
    try next.line("lives", count: 3)
    for _ in 0..<200 where !temporary(folder).isEmpty { usleep(10_000) }
    #expect(temporary(folder).isEmpty)
    next.signal(SIGTERM)
    #expect(try next.exit() == 0)
  }

  @Test func `a limit of the system on the size of files is told, and leaves nothing`() throws {
    let folder = try ScriptFolder([
      "a.lua": """
      after("10ms", { name = "fill" }, function()
        local path = fs.data .. "/big"
        print("small", fs.write(path, ("x"):rep(1000)))
        print("big", select(3, fs.write(path, ("x"):rep(1 << 20))))
        print("append", select(3, fs.append(path, ("x"):rep(1 << 20))))
        print("left", #fs.read(path), #fs.list(fs.data))
      end)
      """
    ])
    // In blocks of 512 bytes for this shell; the store itself needs room, too.
    let program = try BuiltProgram.path()
    let host = try MoonwheelProcess(
      program: "/bin/sh",
      ["-c", "ulimit -f 1024; exec \(program) run \(folder.path) --store memory --for 1s"])
    #expect(try host.exit() == 0)
    let log = host.text(.log)
    #expect(log.contains("small\ttrue"), "\(log)")
    #expect(log.contains("big\tno_space") && log.contains("append\tno_space"), "\(log)")
    #expect(log.contains("left\t1000\t1"), "\(log)")
  }

  @Test func `exec has the files that the served script keeps`() throws {
    let folder = try ScriptFolder([
      "a.lua":
        "job('count', { run = function() fs.append(fs.data .. '/n', 'x') return #fs.read(fs.data .. '/n') end })"
    ])
    #expect(try moonwheel("exec", folder.path, "count").lines == ["1"])
    #expect(try moonwheel("exec", folder.path, "count").lines == ["2"])
  }
}
