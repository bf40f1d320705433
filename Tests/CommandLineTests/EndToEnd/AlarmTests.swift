import Glibc
import Testing

/// `run --on-failure`: the alarm script hears what every script has lost.
@Suite(.serialized) struct AlarmTests {
  private static let alarm = """
    on("run.given_up | script.failed | scheduler.degraded", { name = "alarm" }, function(event)
      local p = event.payload
      print("ALARM", event.name, p.script, p.job, p.status, p.count or 1, p.error or p.reason)
    end)
    """

  private func host(_ folder: ScriptFolder, _ flags: String...) throws -> MoonwheelProcess {
    try MoonwheelProcess(["run", "scripts", "--on-failure", "alarm.lua"] + flags, in: folder)
  }

  private func folder(_ scripts: [String: String]) throws -> ScriptFolder {
    let folder = try ScriptFolder(["alarm.lua": Self.alarm])
    try folder.makeFolder("scripts")
    for (name, text) in scripts { try folder.write(name, text, in: "scripts") }
    return folder
  }

  @Test func `it hears failures of all scripts once, on a quiet host, and not those of itself`()
    throws
  {
    let folder = try folder([
      "a.lua": """
      after("1s", { name = "fails", retry = { max = 1, from = "300ms" } }, function() error("x") end)
      after("1s", { name = "late", timeout = "200ms" }, function() sleep("1m") end)
      """,
      "handler.lua": """
      on("run.failed", { name = "watcher" }, function() error("watcher is broken") end)
      """,
      "bad.lua": "every(",
    ])
    try folder.write(
      "alarm.lua", Self.alarm + "\nafter('1s', { name = 'own' }, function() error('own') end)")
    let host = try host(folder, "--for", "3s")
    #expect(try host.exit() == 0)
    let log = host.text(.log)
    let alarms = log.split(separator: "\n").filter { $0.contains("ALARM") }
    #expect(alarms.count { $0.contains("script.failed\tbad.lua") } == 1, "\(log)")
    #expect(alarms.count { $0.contains("a.lua\tfails\tfailed\t1\ta.lua:1: x") } == 1, "\(log)")
    #expect(alarms.count { $0.contains("a.lua\tlate\ttimed_out\t1") } == 1, "\(log)")
    #expect(alarms.count { $0.contains("handler.lua\twatcher\tfailed") } >= 1, "\(log)")
    #expect(!alarms.contains { $0.contains("\talarm.lua\t") }, "\(log)")
    #expect(log.contains("ERROR alarm.lua/own  alarm.lua:5: own"), "\(log)")
  }

  @Test func `it hears of runs that a crash cut off, however late it loads`() throws {
    let folder = try folder([
      "a.lua": "after('10ms', { name = 'long' }, function() print('begun') sleep('1h') end)"
    ])
    try folder.write("alarm.lua", "every(")
    let first = try host(folder)
    try first.line("begun")
    usleep(300_000)  // the store has the start within 100 ms
    first.signal(SIGKILL)
    _ = try first.exit()
    let second = try host(folder, "--shutdown-timeout", "100ms")
    try second.line("run.abandoned: the host ended while it ran")
    #expect(!second.text(.log).contains("ALARM"))
    try folder.write("alarm.lua", Self.alarm)
    try second.line("ALARM\trun.given_up\ta.lua\tlong\tabandoned\t1\tthe host ended while it ran")
    second.signal(SIGTERM)
    #expect(try second.exit() == 0)
  }

  @Test func `a storm is summed up, and the counts add up`() throws {
    let folder = try folder([
      "a.lua": """
      job("j", { overlap = "allow", max_instances = 100, run = function() error("x") end })
      after("100ms", { name = "storm" }, function() for i = 1, 2000 do jobs["j"]:trigger() end print("sent") end)
      """
    ])
    let host = try host(folder)
    try host.line("sent")
    try host.line("ALARM", count: 10)
    usleep(1_000_000)
    host.signal(SIGTERM)  // delivers the sums
    #expect(try host.exit() == 0)
    let alarms = host.text(.log).split(separator: "\n").filter { $0.contains("ALARM") }
    let counts = alarms.compactMap { Int($0.split(separator: "\t")[5]) }
    #expect(alarms.count == 11, "\(alarms)")
    #expect(counts.reduce(0, +) == 2_000, "\(alarms)")
  }

  @Test func `an alarm script among the scripts is loaded once`() throws {
    let folder = try folder(["a.lua": "after('100ms', { name = 'j' }, function() error('x') end)"])
    try folder.write("alarm.lua", Self.alarm, in: "scripts")
    let host = try MoonwheelProcess(
      ["run", "scripts", "--for", "1s"], in: folder,
      environment: ["MOONWHEEL_ON_FAILURE": "scripts/alarm.lua"])
    #expect(try host.exit() == 0)
    let log = host.text(.log)
    #expect(log.split(separator: "\n").count { $0.contains("ALARM") } == 1, "\(log)")
    #expect(log.split(separator: "\n").count { $0.contains("alarm.lua  loaded") } == 1, "\(log)")
  }

  @Test func `a missing alarm script is refused, and one that hears nothing is warned of`() throws {
    let folder = try folder(["a.lua": "every('1h', function() end)"])
    let missing = try moonwheel("run", "scripts", "--on-failure", "nosuch.lua", in: folder)
    #expect(missing.code == 64)
    #expect(missing.log.contains("--on-failure: no such script: nosuch.lua"), "\(missing.log)")
    let isFolder = try moonwheel("check", "scripts", "--on-failure", "scripts", in: folder)
    #expect(isFolder.code == 64)
    #expect(isFolder.log.contains("must be a script"), "\(isFolder.log)")
    try folder.write("alarm.lua", "on('run.given_up', function() end)")
    let check = try moonwheel("check", "scripts", "--on-failure", "alarm.lua", in: folder)
    #expect(check.code == 0)
    #expect(
      check.log.contains(
        "alarm.lua: the alarm script has no handler of script.failed, scheduler.degraded: add on("),
      "\(check.log)")
  }
}
