import Foundation
import Glibc
import SystemCalls
import Testing

/// Scripts that make the host keep as much as they may, in a process of their own.
@Suite(.serialized) struct ScriptMemoryTests {
  /// By name. `x(i)` is a text of a megabyte that no other call has.
  static let scripts = [
    "args": "for i = 1, 40 do pcall(after, '1h', { args = { x(i) } }, f) end",
    "jobs": "for i = 1, 5000 do pcall(after, '1h', f) end",
    "names": "for i = 1, 40 do pcall(after, '1h', { name = x(i), tags = { x(-i) } }, f) end",
    "events": "for i = 1, 40 do emit('go' .. i % 10, { x(i) }) end",
    "many": "for i = 1, 40 do emit('many', { i }) end",
    "promises": "for i = 1, 40 do jobs.target:after('1h', { x(i) }) end",
    "small promises": "for i = 1, 400 do jobs.target:after('1h') end",
    "logs": "for i = 1, 200 do log.info(('x'):rep(1000), { a = ('y'):rep(1000) }) end sleep('1h')",
    "modules": "for i = 1, 100 do pcall(require, ('x'):rep(200) .. ('.y'):rep(350) .. i .. n) end",
    "waits": "for i = 1, 20 do emit('wait', { x(i) }) end wait('wait', '1h')",
  ]

  private static func script(_ body: String) -> String {
    """
    defaults { memory = "16 MiB" }
    n = 0
    function f() end
    function x(i) n = n + 1 return ("x"):rep(1000000) .. n end
    job("target", { run = f })
    for i = 0, 9 do on("go" .. i, function() sleep("1h") end) end
    for i = 1, 500 do on("many", function() sleep("1h") end) end
    every("20ms", { name = "attack", overlap = "allow", max_instances = 100000, timeout = false }, function()
      \(body)
    end)
    """
  }

  /// Scripts that are not a loop in one job.
  private static let others = [
    "states": """
    defaults { memory = "16 MiB" }
    for i = 1, 100 do every("100ms", { name = "s" .. i, state = {} }, function(run) run.state.x = ("x"):rep(1000000) .. run.n end) end
    """,
    "results": """
    defaults { memory = "16 MiB" }
    for i = 1, 20 do every("50ms", { name = "r" .. i, on_success = function() end }, function() return { ("x"):rep(1000000) } end) end
    for i = 1, 20 do
      every("50ms", { name = "e" .. i, on_failure = function() end }, function() error({ message = ("x"):rep(500000), d = ("y"):rep(500000) }) end)
    end
    """,
    "private": """
    defaults { memory = "16 MiB" }
    big = {}
    for i = 1, 5000 do big[i] = { i } end
    every("20ms", { name = "p", isolate = "run", overlap = "allow", max_instances = 100000 }, function() sleep("1h") end)
    """,
    "history": """
    defaults { memory = "16 MiB" }
    every("100ms", { name = "r" }, function() return { ("x"):rep(500000) } end)
    every("200ms", { name = "h", overlap = "allow", max_instances = 100 }, function() return #jobs.r:history(1000) end)
    """,
  ]

  /// A minute and more with MOONWHEEL_MEMORY_SECONDS.
  private static var seconds: Double {
    ProcessInfo.processInfo.environment["MOONWHEEL_MEMORY_SECONDS"].flatMap(Double.init) ?? 5
  }

  @Test(.timeLimit(.minutes(5)), arguments: ["memory", "store.db"])
  func `the host stays within what its scripts may hold`(store: String) throws {
    let folder = try ScriptFolder()
    for (name, body) in Self.scripts { try folder.write("\(name).lua", Self.script(body)) }
    for (name, text) in Self.others { try folder.write("\(name).lua", text) }
    let caps = (Self.scripts.count + Self.others.count) * 16
    let host = try MoonwheelProcess(
      ["run", ".", "--store", store, "--log-events", "script.failed", "--shutdown-timeout", "1s"],
      in: folder)
    host.pauseLog()
    let end = Clocks.monotonic() + Int64(Self.seconds * 1e9)
    var most = 0
    while Clocks.monotonic() < end {
      usleep(50_000)
      most = max(most, try Self.resident(host.pid))
    }
    let (mebibytes, bound) = (most >> 10, caps + 64)
    print("  \(store): \(mebibytes) MiB at most, of \(bound)")
    #expect(mebibytes <= bound)
  }

  /// In KiB.
  private static func resident(_ pid: pid_t) throws -> Int {
    let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
    return try #require(Int(line.filter(\.isNumber)))
  }
}
