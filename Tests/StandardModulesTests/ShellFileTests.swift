import Glibc
import Layers
import Moonwheel
import MoonwheelTesting
import SystemIO
import TestSupport
import Testing

/// Which files `sh` runs, reads and writes, and what its programs reach.
@Suite(.timeLimit(.minutes(1))) struct ShellFileTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    for name in ["in", "out", "bin", "look"] { try folder.folder(name) }
    try folder.write("in/a", "text of a\n")
    try folder.write("in/hidden", "hidden\n")
    try folder.write("in/b", "text of b\n")
  }

  /// Runs the Lua in a job of a script that asks for this, and returns what it printed.
  private func said(
    _ body: String, asking: String, denying denied: PermissionSet = [:],
    _ configure: (inout Configuration) -> Void = { _ in }
  ) async throws -> [String] {
    let log = LogRecorder()
    var configuration = Configuration()
    configuration.permissions = PermissionPolicy(
      grantBy: { _ in nil },
      { _, asked in
        PermissionDecision(granted: asked, denied: denied)
      })
    configuration.filesFolder = folder.path("own")
    let text = """
      permissions { \(asking.replacing("$F", with: folder.path)) }
      on('go', { name = 'job' }, function()
      local function show(result, message, code) print(result and (result.path or result.stdout) or code, message) end
      \(body.replacing("$F", with: folder.path))
      end)
      """
    configuration.texts = [(name: "a.lua", source: text)]
    configure(&configuration)
    let host = try Scheduler(configuration, logger: log.logger)
    try host.start()
    _ = try await host.jobs
    try host.emit("go")
    #expect(log.wait { $0.contains { $0.message == "end" || $0.event == "run.failed" } })
    await host.stop()
    return log.lines.filter {
      $0.isSaid || $0.event == "run.failed" || $0.event == nil && $0.level == .warning
    }
    .map(\.message).filter { $0 != "end" }
  }

  private func program(_ name: String, _ text: String = "#!/bin/sh\necho ran $0\n") throws {
    try folder.write(name, text)
    #expect(unsafe chmod(folder.path(name), 0o755) == 0)
  }

  @Test func `files are stdin and stdout of a program, and whole or not there`() async throws {
    let lines = try await said(
      """
      show(sh("cat", { stdin = { file = "$F/in/a" }, log = false }))
      show(sh("echo new", { to = "$F/out/x", log = false }))
      print(fs.read("$F/out/x"))
      show(sh("echo bad; exit 3", { to = "$F/out/x", log = false }))
      print(fs.read("$F/out/x"), #fs.list("$F/out"))
      show(sh("echo bad", { to = "$F/in/x", log = false }))
      show(sh("cat", { stdin = { file = "/etc/passwd" }, log = false }))
      show(sh("cat", { stdin = { file = "$F/in/none" }, log = false }))
      print("end")
      """, asking: "run = { 'sh' }, read = { '$F/in' }, write = { '$F/out' }")
    #expect(lines.filter { !$0.contains("may not") }.count == 6)
    #expect(lines[0] == "text of a\n\tnil" && lines[1] == folder.path("out/x") + "\tnil")
    #expect(lines[2] == "new\n" && lines[3] == "exit\texit 3" && lines[4] == "new\n\t1")
    #expect(lines.contains { $0.hasPrefix("denied\ta.lua") && $0.contains("/in/x") })
    #expect(lines.contains { $0.hasPrefix("denied\ta.lua") && $0.contains("/etc/passwd") })
    #expect(lines.last?.hasPrefix("missing\t") == true, "\(lines)")
  }

  @Test func `python gets a value and gives one`() async throws {
    let lines = try await said(
      """
      local code = "import json, sys; v = json.load(sys.stdin); print('noise'); print(json.dumps({ 'twice': v['n'] * 2 }))"
      print(sh.python(code, { n = 21 }, { python = "/usr/bin/python3", log = false }).twice)
      show(sh.python("print('x')", nil, { python = "/usr/bin/python3", log = false }))
      show(sh.python("", nil, { python = "/usr/bin/python3", log = false }))
      show(sh.python("raise SystemExit(4)", nil, { python = "/usr/bin/python3", log = false }))
      print("end")
      """, asking: "run = { '/usr/bin/python3' }")
    #expect(lines[0] == "42" && lines[1].hasPrefix("json\tits last line is no JSON"))
    #expect(lines[2...] == ["json\tit has printed no line of JSON", "exit\texit 4"])
  }

  @Test func `a program is a file, whatever the name`() async throws {
    try program("bin/tool")
    try folder.link("out/link", to: folder.path("bin/tool"))
    try folder.link("bin/led", to: folder.path("out/link"))
    try program("out/own")
    let lines = try await said(
      """
      for _, name in ipairs { "$F/bin/tool", "$F/bin/../bin/tool", "/bin/sh", "$F/out/own", "$F/bin/led", "dash" } do
        local result, message, code = sh({ name, "-c", "echo shell", log = false })
        print(result and result.stdout or code)
      end
      print("end")
      """,
      asking:
        "run = { '$F/bin/tool', '$F/out/own', '$F/bin/led', 'sh' }, write = { '$F/out' }")
    #expect(
      lines.filter { !$0.contains("may not") } == [
        "ran \(folder.path)/bin/tool\n", "ran \(folder.path)/bin/tool\n", "shell\n", "denied",
        "denied", "denied",
      ])
  }

  @Test func `a rule that denies a program denies each name of its file`() async throws {
    try program("bin/tool")
    try folder.link("bin/other", to: "tool")
    let lines = try await said(
      """
      show(sh { "$F/bin/other", log = false })
      print("end")
      """, asking: "run = { '$F/bin/other' }", denying: [.run: [folder.path("bin/tool")]])
    #expect(lines[0].hasPrefix("denied\t"))
  }

  @Test func `a program that comes into PATH later is not taken for one that was granted`()
    async throws
  {
    // PATH of this process cannot change: what is found first is pinned, by a path that has no links.
    let pins = ProgramPins()
    let first = try #require(pins.file(of: "sh", in: "/"))
    #expect(pins.file(of: "sh", in: "/") == first && first.path.hasSuffix("/sh"))
    try program("bin/one")
    try folder.link("moved", to: "bin")
    let pinned = try #require(pins.file(of: "\(folder.path)/moved/one", in: "/"))
    #expect(pinned.path == folder.path("bin/one"))
    folder.remove("moved")
    try program("look/one")
    try folder.link("moved", to: "look")
    #expect(pins.file(of: "\(folder.path)/moved/one", in: "/") == pinned)
  }

  @Test(.enabled(if: Confinement.version > 0))
  func `programs reach the script's own folders, and nothing that is denied`() async throws {
    for name in ["out/deep", "out/wide"] { try folder.folder(name) }
    let lines = try await said(
      """
      show(sh("echo kept > " .. fs.data .. "/x && cat " .. fs.data .. "/x", { log = false }))
      show(sh("echo t > t && cat t", { cwd = fs.tmp(), log = false }))
      local all = sh("cat $F/in/a $F/in/b; cat $F/in/hidden || echo no; ls $F/in || echo no names; echo x > $F/out/wide/x && cat $F/out/wide/x; echo y > $F/out/y || echo no y; echo y > $F/out/deep/kept || echo kept",
        { log = false })
      print(all.stdout)
      print("end")
      """, asking: "run = { 'sh' }, read = { '$F/in' }, write = { '$F/out' }",
      denying: [.read: [folder.path("in/hidden")], .write: [folder.path("out/deep")]])
    #expect(lines[0...1] == ["kept\n\tnil", "t\n\tnil"])
    #expect(lines[2] == "text of a\ntext of b\nno\nno names\nx\nno y\nkept\n")
  }

  @Test(.enabled(if: Confinement.version > 0))
  func `a folder with more names than the kernel can be told is refused`() async throws {
    try folder.folder("in/many")
    for number in 0...2_000 { try folder.write("in/many/\(number)", "") }
    let lines = try await said(
      "show(sh('true'))\nprint('end')", asking: "run = { 'sh' }, read = { '$F/in/many' }",
      denying: [.read: [folder.path("in/many/7")]])
    #expect(lines[0].hasPrefix("denied\ta part of \(folder.path)/in/many is denied"))
  }

  @Test func `where nothing is confined the log says it once, and the policy may refuse`()
    async throws
  {
    let body = """
      show(sh("echo ran", { log = false }))
      show(sh("echo ran", { log = false }))
      show(sh("echo ran", { log = false, confine = false }))
      print("end")
      """
    let lines = try await said(body, asking: "run = { 'sh' }") {
      $0.selection.cannotConfine = true
    }
    let warnings = lines.filter { $0.hasPrefix("programs of scripts are not confined here") }
    #expect(warnings.count == 1)
    let results = lines.filter { $0.hasPrefix("ran") || $0.hasPrefix("denied") }
    #expect(results.count == 3 && results[1] == "ran\n\tnil" && results[2].hasPrefix("denied"))
    let refused = try await said(
      body, asking: "run = { 'sh' }", denying: [.run: ["unconfined"]]
    ) { $0.selection.cannotConfine = true }
    #expect(refused.count { $0.hasPrefix("denied\t") } == 3, "\(refused)")
  }

  @Test func `what is detached outlives its run`() async throws {
    let lines = try await said(
      """
      local pid = assert(sh("sleep 60 >/dev/null 2>&1 & echo $!", { detach = true, log = false })).stdout
      sleep(0.1)
      print(pid, sh("kill -0 " .. pid, { confine = false }).ok, sh("kill -9 " .. pid, { confine = false }).ok)
      print(select(3, pcall(error, sh("true", { detach = 1 }))))
      """, asking: "run = { 'sh', 'unconfined', 'detach' }")
    #expect(lines.count == 2 && lines[0].hasSuffix("\ttrue\ttrue"), "\(lines)")
  }
}
