import Glibc
import SystemCalls
import Testing

/// Who grants permissions, as a user of the program sees it.
@Suite struct PolicyTests {
  private static let poll = """
    permissions { net = { "api.example.com" }, optional = { kv = "shop.*" } }
    every("1s", { name = "poll", now = true }, function() print("polled") end)
    """
  private static let tick = "every('50ms', { name = 'tick' }, function() print('tick') end)"

  private static func policy(_ folder: ScriptFolder) throws -> String {
    String(
      decoding: try RegularFile.read(folder.path + "/moonwheel.policy", atMost: 1 << 20),
      as: UTF8.self)
  }

  // MARK: allow and check

  @Test func `allow grants what is asked, and check says who grants it`() throws {
    let folder = try ScriptFolder(["poll.lua": Self.poll, "tick.lua": Self.tick])
    let before = try moonwheel("check", folder.path)
    #expect(before.code == 3)
    #expect(before.output.contains("asks net api.example.com  NOT GRANTED, UNUSED\n"))
    #expect(before.output.contains("asks kv shop.*            NOT GRANTED, optional, UNUSED\n"))
    #expect(before.lines.last == "2 scripts, 2 jobs, no errors, 1 permission not granted")
    #expect(before.log.contains("moonwheel allow \(folder.path)"))

    let line = "allow(\"poll.lua\", { net = { \"api.example.com\" }, kv = { \"shop.*\" } })"
    let shown = try moonwheel("allow", folder.path, "--diff")
    #expect(shown.code == 0 && shown.output.hasPrefix("+ "))
    #expect(shown.output.hasSuffix(": \(line)\n"))
    #expect(!folder.names().contains("moonwheel.policy"))

    let allowed = try moonwheel("allow", "poll.lua", in: folder)
    #expect(allowed.code == 0 && allowed.output.hasSuffix(": \(line)\n"), "\(allowed)")
    #expect(try Self.policy(folder).hasSuffix("\n" + line + "\n"))
    #expect(try moonwheel("allow", folder.path).output.contains("nothing was changed"))
    let after = try moonwheel("check", "--strict", folder.path)
    #expect(after.code == 0, "\(after)")
    #expect(after.output.contains("asks net api.example.com  granted by moonwheel.policy:"))
  }

  @Test func `allow replaces the line of a script alone, in whatever folder it is named`() throws {
    let folder = try ScriptFolder()
    try folder.makeFolder("reports")
    try folder.write("a.lua", Self.poll, in: "reports")
    try folder.write("moonwheel.policy", "-- 1\nallow(\"reports/a.lua\", { run = \"git\" }) -- 2\n")
    let outcome = try moonwheel("allow", "reports/a.lua", in: folder)
    #expect(outcome.code == 0, "\(outcome)")
    #expect(
      try Self.policy(folder)
        == "-- 1\nallow(\"reports/a.lua\", { net = { \"api.example.com\" }, kv = { \"shop.*\" } }) -- 2\n"
    )
    #expect(try moonwheel("check", "reports/a.lua", in: folder).code == 0)
    #expect(try moonwheel("check", "reports", in: folder).code == 0)
    #expect(folder.names() == ["moonwheel.policy", "reports"])
  }

  @Test func `a rule that denies is an error of allow, and check names it`() throws {
    let folder = try ScriptFolder(["poll.lua": Self.poll])
    try folder.write("moonwheel.policy", "deny('*', { net = '*.example.com' })\n")
    let outcome = try moonwheel("allow", folder.path)
    #expect(outcome.code == 1)
    #expect(outcome.log.contains("asks net api.example.com, which moonwheel.policy:1 denies"))
    let check = try moonwheel("check", folder.path)
    #expect(check.code == 3 && check.output.contains("DENIED by moonwheel.policy:1"))
  }

  @Test func `check warns of what gives much and of what nobody needs`() throws {
    let folder = try ScriptFolder([
      "a.lua": "permissions { run = 'sh', net = '*.com', write = 'out' }",
      "b.lua": "permissions { run = './out/tool' }",
    ])
    try folder.makeFolder("out")
    try folder.write("tool", "#!/bin/sh", in: "out")
    try folder.write(
      "moonwheel.policy",
      "allow('old.lua', { kv = 'x' })\nallow('a.lua', { env = 'HOME', run = 'sh' })\n")
    let outcome = try moonwheel("check", folder.path)
    #expect(outcome.code == 1)
    for part in [
      "warning: moonwheel.policy:1: UNUSED: there is no script \"old.lua\"",
      "warning: moonwheel.policy:2: UNUSED: a.lua does not ask for env HOME",
      "warning: a.lua: run sh runs any other program",
      "warning: a.lua: net *.com is no single owner's",
      "error: b.lua: run ./out/tool is \(folder.path)/out/tool, which a.lua may write (write out)",
    ] {
      #expect(outcome.log.contains(part), "\(part): \(outcome.log)")
    }
  }

  @Test(arguments: [
    ("allow('poll.lua', { nett = 'x' })", "/moonwheel.policy:1: there is no permission \"nett\""),
    ("\nos.exit(3)", "/moonwheel.policy:2: "),
    ("-- \u{FFFF}\0\nallow('poll.lua'", "/moonwheel.policy:2: "),
  ])
  func `a policy with a mistake is an error with its place`(text: String, place: String) throws {
    let folder = try ScriptFolder(["poll.lua": Self.poll, "moonwheel.policy": text])
    let check = try moonwheel("check", folder.path)
    #expect(check.code == 1 && check.log.contains(place), "\(check)")
    let allow = try moonwheel("allow", folder.path)
    #expect(allow.code == 2 && allow.log.contains(place), "\(allow)")
    #expect(try Self.policy(folder) == text)
  }

  @Test func `a policy that is no file, or too large, is refused and never waited for`() throws {
    let folder = try ScriptFolder(["poll.lua": Self.poll])
    let path = folder.path + "/moonwheel.policy"
    try #require(unsafe mkfifo(path, 0o644) == 0)
    let pipe = try moonwheel("check", folder.path)
    #expect(pipe.code == 1 && pipe.log.contains("not a regular file"), "\(pipe)")
    #expect(try moonwheel("allow", folder.path).code == 2)
    FileNames.remove(path)
    try folder.write("moonwheel.policy", String(repeating: "-- much\n", count: 200_000))
    let large = try moonwheel("check", folder.path)
    #expect(large.code == 1 && large.log.contains("larger than 1 MiB"), "\(large)")
    FileNames.remove(path)
    try folder.link("moonwheel.policy", to: "/dev/zero")
    #expect(try moonwheel("check", folder.path).code == 1)
  }

  @Test func `a link to a policy stays a link`() throws {
    let folder = try ScriptFolder(["poll.lua": Self.poll])
    try folder.makeFolder("lib")
    try folder.write("shared", "-- shared\n", in: "lib")
    try folder.link("moonwheel.policy", to: "lib/shared")
    #expect(try moonwheel("allow", folder.path).code == 0)
    #expect(Paths.target(ofLink: folder.path + "/moonwheel.policy") == "lib/shared")
    #expect(try Self.policy(folder).hasPrefix("-- shared\nallow("))
    #expect(try moonwheel("check", folder.path).code == 0)
  }

  // MARK: run

  @Test
  func `without a terminal a script that asks does not load, and the log says how to grant it`()
    throws
  {
    let folder = try ScriptFolder(["poll.lua": Self.poll, "tick.lua": Self.tick])
    let outcome = try moonwheel("run", folder.path, "--store", "memory", "--for", "500ms")
    #expect(outcome.code == 0)
    #expect(outcome.log.contains("net api.example.com"), "\(outcome.log)")
    #expect(outcome.log.contains("moonwheel allow \(folder.path)/poll.lua"))
    #expect(outcome.log.contains("--allow-asked"))
    #expect(outcome.log.contains("tick") && !outcome.log.contains("polled"))
  }

  @Test(arguments: [
    ["--allow-asked"], ["--allow-net", "api.example.com"], ["--allow-net=*.example.com"],
  ])
  func `flags grant to all scripts`(flags: [String]) throws {
    let folder = try ScriptFolder(["poll.lua": Self.poll])
    let run = ["run", folder.path, "--store", "memory", "--for", "500ms"] + flags
    let outcome = try moonwheel(run)
    #expect(outcome.log.contains("polled"), "\(outcome.log)")
    let denied = try moonwheel(run + ["--deny-net", "api.example.com"])
    #expect(!denied.log.contains("polled") && denied.log.contains("denies"), "\(denied.log)")
    #expect(try moonwheel(["check", folder.path] + flags).code == 0)
    #expect(try moonwheel(["exec", folder.path, "poll"] + flags).code == 0)
    #expect(try moonwheel("exec", folder.path, "poll").code == 1)
  }

  @Test func `a flag that cannot be read is wrong usage`() throws {
    let folder = try ScriptFolder(["poll.lua": Self.poll])
    let outcome = try moonwheel("run", folder.path, "--allow-net", "http://x/")
    #expect(outcome.code == 64 && outcome.log.contains("--allow-net: "), "\(outcome)")
    let variable = try moonwheel(
      "check", folder.path, environment: ["MOONWHEEL_ALLOW_NET": "a.example,api.example.com"])
    #expect(variable.code == 0, "\(variable)")
  }

  @Test
  func `a policy that comes is live at once, a broken one changes nothing, none grants nothing`()
    throws
  {
    let folder = try ScriptFolder(["poll.lua": Self.poll, "tick.lua": Self.tick])
    let host = try MoonwheelProcess(["run", folder.path, "--store", "memory"])
    try host.line("moonwheel allow \(folder.path)/poll.lua")
    #expect(try moonwheel("allow", folder.path).code == 0)
    try host.line("polled")
    try folder.write("moonwheel.policy", "allow(")
    try host.line("/moonwheel.policy:1: ")
    try host.line("what it said before counts on")
    try host.line("polled", count: 3)
    #expect(FileNames.remove(folder.path + "/moonwheel.policy"))
    try host.line("moonwheel.policy is gone")
    try host.line("It runs on, and is denied that at each call")
    host.signal(SIGTERM)
    #expect(try host.exit() == 0)
  }

  @Test func `a policy that is broken from the start is told, and other scripts run`() throws {
    let folder = try ScriptFolder([
      "poll.lua": Self.poll, "tick.lua": Self.tick, "moonwheel.policy": "allow(",
    ])
    let outcome = try moonwheel("run", folder.path, "--store", "memory", "--for", "300ms")
    #expect(outcome.log.contains("/moonwheel.policy:1: "), "\(outcome.log)")
    #expect(outcome.log.contains("Until that is mended, it grants nothing."))
    #expect(outcome.log.contains("tick") && !outcome.log.contains("polled"))
  }

  /// Only root can give a file away.
  @Test(.enabled(if: geteuid() == 0))
  func `a policy of another user in a folder above does not count`()
    throws
  {
    let folder = try ScriptFolder(["moonwheel.policy": "allow('**', { net = '*' })"])
    try folder.makeFolder("jobs")
    try folder.write("poll.lua", Self.poll, in: "jobs")
    let jobs = folder.path + "/jobs"
    let own = try moonwheel("check", jobs)
    #expect(own.code == 0 && own.output.contains("granted by \(folder.path)/moonwheel.policy:1"))
    try #require(unsafe chown(folder.path + "/moonwheel.policy", 65_534, 65_534) == 0)
    #expect(try moonwheel("check", jobs).code == 3)
  }

  @Test func `two that grant at once lose nothing`() throws {
    var scripts: [String: String] = [:]
    for index in 0..<8 { scripts["s\(index).lua"] = "permissions { env = 'V\(index)' }" }
    let folder = try ScriptFolder(scripts)
    let writers = try scripts.keys.sorted().map {
      try MoonwheelProcess(["allow", folder.path + "/" + $0])
    }
    for writer in writers { #expect(try writer.exit() == 0) }
    #expect(try moonwheel("check", "--strict", folder.path).code == 0)
    #expect(folder.names().count == 9)
  }
}
