import Glibc
import SystemCalls
import TestSupport
import Testing

/// Hosts that end at random moments, by a signal or by `kill -9`, while their scripts run programs that end in each way, are
/// reloaded and removed. Nothing is left of the programs.
///
/// `MOONWHEEL_PROGRAM_HOSTS` sets how many hosts; each starts some twenty programs. Other things that runs begin outside can
/// join in ``script``.
@Suite(.serialized) struct ProgramEndsTests {
  private static let hosts =
    Environment.value(of: "MOONWHEEL_PROGRAM_HOSTS").flatMap { Int($0) } ?? 5

  /// All of them run `sleep N`, with an N that nobody else has.
  private static let script = """
    permissions { run = { "sh" } }
    local programs = {
      "sleep N", "trap '' TERM; sleep N", "sleep N & sleep N & echo left", "exit 3", "echo out; echo err >&2",
      "(trap '' TERM; exec sleep N >/dev/null 2>&1) & :", "setsid sleep N & sleep 0.02", "kill -STOP $$",
      "setsid sh -c 'trap \\"\\" TERM; sleep N; sleep N' >/dev/null 2>&1 & :", "yes | head -c 2000000; sleep N",
      "for i in 1 2 3 4; do (sleep N & sleep N) & done; wait", "exec >&- 2>&-; sleep N",
      "i=0; while [ $i -lt 30 ]; do (sleep 0.01; sleep N) & i=$((i + 1)); done",
    }
    local function begin(options)
      options = options or {}
      options.log, options.kill_after = math.random() < 0.3, "50ms"
      return sh(programs[math.random(#programs)], options)
    end
    local often = { overlap = "allow", max_instances = 3 }
    local function job(name, more, f)
      local options = { name = name, overlap = "allow", max_instances = 3 }
      for key, value in pairs(more) do options[key] = value end
      every("60ms", options, f)
    end
    job("timeout", {}, function() begin { timeout = math.random() / 10 } end)
    job("error", {}, function() begin { timeout = 0.05 } error("no") end)
    job("limit", { timeout = "50ms" }, function() begin() end)
    job("private", { timeout = "80ms", isolate = "run" }, function() begin() end)
    job("dropped", { timeout = "40ms" }, function()
      local last <close> = setmetatable({}, { __close = function() while true do end end })
      begin()
    end)
    job("cancelled", {}, function() begin() end)
    every("90ms", { name = "cancel" }, function() jobs.cancelled:cancel() jobs.cancelled:resume() end)
    print("loaded")
    """

  @Test func `nothing is left of programs, whenever and however their host ends`() throws {
    var random = SplitMix64(seed: UInt64(getpid()))
    let number = "\(UInt32.random(in: 100_000_000 ... .max))"
    let text = Self.script.replacing("N\"", with: "\(number)\"").replacing(" N", with: " \(number)")
    let folder = try ScriptFolder()
    for round in 0..<Self.hosts {
      try folder.write("a.lua", text + "\n-- \(round)")
      try folder.write("b.lua", text)
      let host = try MoonwheelProcess(
        ["run", folder.path, "--allow-asked", "--shutdown-timeout", "200ms"])
      try host.line("loaded", count: 2)
      usleep(UInt32(random.next(in: 20_000...500_000)))
      if random.chance(50) { try folder.write("a.lua", text + "\n-- \(round) again") }
      if random.chance(30) { folder.remove("b.lua") }
      usleep(UInt32(random.next(in: 0...200_000)))
      let isKilled = random.chance(60)
      host.signal(isKilled ? SIGKILL : SIGTERM)
      #expect(try host.exit() == (isKilled ? -SIGKILL : 0))
      if !isKilled { #expect(Self.isGone(number), "after SIGTERM in round \(round)") }
    }
    try folder.write("a.lua", "print('loaded')")
    folder.remove("b.lua")
    let last = try MoonwheelProcess(["run", folder.path])
    try last.line("loaded")
    #expect(Self.isGone(number))
    #expect(try Self.children(of: last.pid).isEmpty)
    last.signal(SIGTERM)
    #expect(try last.exit() == 0)
  }

  @Test func `a host has no more descriptors and children than before, when its programs are gone`()
    throws
  {
    let number = "\(UInt32.random(in: 100_000_000 ... .max))"
    let folder = try ScriptFolder([
      "a.lua": """
      permissions { run = { "sh" } }
      local count = 0
      every("10ms", { name = "programs", times = 40, overlap = "allow", max_instances = 10, timeout = "100ms" }, function(run)
        local kinds = { "sleep \(number)", "exit 3", "setsid sleep \(number) & :", "sleep \(number) & :", "yes | head -c 100000" }
        local finally <close> = setmetatable({}, { __close = function() count = count + 1 end })
        sh(kinds[run.n % #kinds + 1], { log = false, kill_after = "20ms" })
      end)
      every("50ms", { name = "tell" }, function(run) if count >= 40 then print("all " .. count) end if run.n == 1 then sh("true") print("first") end end)
      """
    ])
    let host = try MoonwheelProcess(["run", folder.path, "--allow-asked"])
    try host.line("first")
    try host.line("all 40")
    #expect(Self.isGone(number))
    // The store and the log have what they need from the beginning: three pipes a program would be many more.
    let descriptors = try FolderEntries.names(in: "/proc/\(host.pid)/fd").count
    #expect(descriptors < 40, "\(descriptors)")
    for _ in 0..<500 where try !Self.children(of: host.pid).isEmpty { usleep(10_000) }
    #expect(try Self.children(of: host.pid).isEmpty)
    host.signal(SIGTERM)
    #expect(try host.exit() == 0)
  }

  private static func children(of process: pid_t) throws -> [UInt8] {
    try FolderEntries.names(in: "/proc/\(process)/task").flatMap { thread in
      try RegularFile.read("/proc/\(process)/task/\(thread)/children", atMost: 10_000)
    }
  }

  /// Waits until no process has a text among its words.
  private static func isGone(_ text: String) -> Bool {
    for _ in 0..<1_000 {
      if ProcessWords.processes(with: text).isEmpty { return true }
      usleep(20_000)
    }
    return false
  }
}
