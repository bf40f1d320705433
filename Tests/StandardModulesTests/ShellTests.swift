import Layers
import Moonwheel
import MoonwheelSimulation
import MoonwheelTesting
import SystemIO
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct ShellTests {
  /// Runs the Lua in a job named `job` of a script that may run shells, and returns what it printed.
  private func said(
    _ body: String, asking: String = "run = { 'sh', 'bash', 'printf', 'env' }",
    _ configure: (inout Configuration) -> Void = { _ in }
  ) async throws -> [String] {
    let log = LogRecorder()
    let text = "permissions { \(asking) }\non('go', { name = 'job' }, function()\n\(body)\nend)"
    let host = try await host(text, log, configure)
    try host.emit("go")
    #expect(log.wait { $0.contains { $0.message == "end" || $0.event == "run.failed" } })
    await host.stop()
    return log.lines.filter { $0.isSaid || $0.event == "run.failed" }.map(\.message)
      .filter { $0 != "end" }
  }

  private func host(
    _ text: String, _ log: LogRecorder, _ configure: (inout Configuration) -> Void = { _ in }
  ) async throws -> Scheduler {
    var configuration = Configuration()
    configuration.permissions = .asked
    configuration.texts = [(name: "a.lua", source: text)]
    configure(&configuration)
    let host = try Scheduler(configuration, logger: log.logger)
    try host.start()
    _ = try await host.jobs
    return host
  }

  @Test func `a command's output and code come back`() async throws {
    let lines = try await said(
      """
      local r = assert(sh("echo out; echo wrong >&2", { log = false }))
      print(r.code, r.ok, r.stdout .. r.stderr, r.truncated, r.signal, r.duration > 0)
      r = sh({ "sh", "-c", "exit 4", ok_codes = { 0, 4 } })
      print(r.code, r.ok)
      print(select("#", sh("true")))
      r = assert(sh("head -c 3000 /dev/zero; echo end", { max_output = 1000, log = false }))
      print(r.truncated, #r.stdout < 1100, r.stdout:find("2004 bytes left out", 1, true) ~= nil, r.stdout:sub(-4, -2))
      print(sh("cat; pwd", { stdin = "in\\n", cwd = "/usr", log = false }).stdout)
      print("end")
      """)
    #expect(
      lines == [
        "0\ttrue\tout\nwrong\n\tfalse\tnil\ttrue", "4\ttrue", "1", "true\ttrue\ttrue\tend",
        "in\n/usr\n",
      ])
  }

  @Test func `a failure has a message, a code and the result so far`() async throws {
    let lines = try await said(
      """
      local function show(r, message, code, partial)
        print(r, message, code, partial and partial.code, partial and partial.signal, partial and partial.stdout)
      end
      show(sh("echo out; echo first >&2; echo last >&2; exit 3", { log = false }))
      show(sh("kill -SEGV $$"))
      show(sh("echo begun; sleep 60", { timeout = "2s", log = false }))
      show(sh("false | true"))
      show(sh("false | true", { shell = "bash" }))
      show(sh { "nothing-of-this-name" })
      show(sh("true", { cwd = "/nowhere" }))
      print(pcall(function() assert(sh("exit 2")) end))
      print("end")
      """, asking: "run = { 'sh', 'bash', 'nothing-of-this-name' }")
    #expect(lines[0] == "nil\texit 3: last\texit\t3\tnil\tout\n")
    #expect(lines[1] == "nil\tended by SIGSEGV\tsignal\tnil\tSEGV\t")
    #expect(lines[2] == "nil\tit took longer than 2.0 s\ttimeout\tnil\tTERM\tbegun\n")
    #expect(lines[3].hasPrefix("{code = 0, "))
    #expect(lines[4] == "nil\texit 1\texit\t1\tnil\t")
    #expect(
      lines[5]
        == "nil\tnothing-of-this-name: there is no such program in PATH\tspawn\tnil\tnil\tnil")
    #expect(
      lines[6]
        == "nil\tthe folder /nowhere cannot be entered: No such file or directory\tspawn\tnil\tnil\tnil"
    )
    #expect(lines[7].hasSuffix("exit 2"))
  }

  @Test func `words are passed byte for byte, and quote makes one of any text`() async throws {
    let lines = try await said(
      """
      print(sh({ "printf", "%s|", "a b", "$x", "'\\"", "", 7 }, { log = false }).stdout)
      local bytes = {}
      for byte = 1, 255 do bytes[byte] = string.char(byte) end
      local text = table.concat(bytes)
      print(sh("printf %s " .. sh.quote(text), { log = false }).stdout == text)
      print(pcall(sh.quote, "a\\0b"))
      print("end")
      """)
    #expect(
      lines == [
        "a b|$x|'\"||7|", "true", "false\tno argument can contain a byte of zero",
      ])
  }

  @Test func `a program gets the variables that it is given, and few of the host's`() async throws {
    let lines = try await said(
      """
      local r = sh({ "env" }, { env = { X_A = "1 2", HOME = "/x", X_N = 3 }, log = false })
      local names, values = {}, {}
      for name, value in r.stdout:gmatch("([^=\\n]+)=([^\\n]*)") do names[#names + 1] = name values[name] = value end
      table.sort(names)
      for _, name in ipairs(names) do
        if not ("PATH USER LANG TZ TMPDIR"):find(name, 1, true) then print(name, name:find("MOONWHEEL_[RH]") and #values[name] > 7 or values[name]) end
      end
      for _, name in ipairs { "LD_PRELOAD", "PATH", "IFS", "BASH_ENV", "MOONWHEEL_RUN", "A=B", "" } do
        print((pcall(sh, "true", { env = { [name] = "x" } })))
      end
      print("end")
      """)
    #expect(
      lines == [
        "HOME\t/x", "MOONWHEEL_HOST\ttrue", "MOONWHEEL_JOB\tjob", "MOONWHEEL_RUN\ttrue", "X_A\t1 2",
        "X_N\t3",
      ]
        + [String](repeating: "false", count: 7))
  }

  @Test(.enabled(if: Confinement.version > 0))
  func `a program reaches what its script may, and no more`() async throws {
    let folder = try TemporaryFolder()
    try folder.write("in", "text")
    try folder.write("other", "secret")
    let lines = try await said(
      """
      local folder = "\(folder.path)"
      print(sh { "nothing" })
      print(sh("cat " .. folder .. "/in", { log = false }).stdout)
      print((sh("cat " .. folder .. "/other", { log = false })))
      print((sh("cat /etc/passwd", { log = false })))
      print((sh("echo x >" .. folder .. "/in", { log = false })))
      print(sh("cat " .. folder .. "/other", { log = false, confine = false }).stdout)
      print("end")
      """, asking: "run = { 'sh', 'unconfined' }, read = { '\(folder.path)/in' }")
    #expect(lines[0].hasSuffix("\tdenied"))
    #expect(lines[1...] == ["text", "nil", "nil", "nil", "secret"])
  }

  @Test func `each line comes into the log as it is written`() async throws {
    let log = LogRecorder()
    let host = try await host(
      """
      permissions { run = { 'sh' } }
      on('go', { name = 'job' }, function() sh("echo one; echo two >&2; sleep 60") end)
      """, log
    ) { $0.shutdownTimeout = .milliseconds(50) }
    try host.emit("go")
    #expect(log.wait { $0.count(where: \.isSaid) == 2 })
    let lines = log.lines.filter(\.isSaid).sorted { $0.message < $1.message }
    #expect(
      lines.map { "\($0.level) \($0.message) \($0.job ?? "")" } == [
        "info one job", "warning two job",
      ])
    #expect(lines.allSatisfy { $0.metadata["run"] != nil })
    await host.stop()
  }

  @Test(arguments: [
    ("sh('true', { timout = 3 })", "unknown option \"timout\", did you mean \"timeout\"?"),
    ("sh('true', { timeout = -1 })", "timeout must be a duration"),
    ("sh()", "the command must be a text, or a list such as { \"git\", \"pull\" }, not nil"),
    ("sh {}", "the command must be a text"), ("sh { 'sh', {} }", "a word must be a string"),
    ("sh('a\\0b')", "no argument can contain a byte of zero"),
    ("sh('true', { ok_codes = {} })", "ok_codes must be a list of exit codes"),
    ("sh('true', { nice = 20 })", "nice must be an integer from 0 to 19, not 20"),
  ])
  func `a wrong argument is an error that names the remedy`(
    call: String, message: String
  ) async throws {
    let lines = try await said("print(select(2, pcall(function() \(call) end)))\nprint('end')")
    #expect(lines.count == 1 && lines[0].contains(message), "\(lines)")
  }

  @Test func `an interrupted run ends at once, and its job is busy until its program is gone`()
    async throws
  {
    let log = LogRecorder()
    let host = try await host(
      """
      permissions { run = { 'sh' } }
      on('go', { name = 'job', timeout = '2s' }, function()
        sh("trap '' TERM; echo begun; sleep 60 & sleep 61", { kill_after = '300ms' })
      end)
      """, log)
    try host.emit("go")
    #expect(log.wait { $0.contains { $0.event == "run.timed_out" } })
    let run = try #require(log.lines.first { $0.event == "run.timed_out" }?.metadata["run"])
    #expect(MarkedProcess.all().contains { $0.mark == run })
    let job = try await host.job("job")
    #expect(job.reason?.contains("program sh") == true, "\(job.reason ?? "no reason")")
    try await waitUntilGone(run)
    await host.stop()
  }

  @Test func `a host that stops takes its programs with it`() async throws {
    let log = LogRecorder()
    let host = try await host(
      """
      permissions { run = { 'sh' } }
      on('go', { name = 'job' }, function() sh("trap '' TERM; echo begun; sleep 60", { kill_after = '100ms' }) end)
      """, log
    ) { $0.shutdownTimeout = .milliseconds(200) }
    try host.emit("go")
    #expect(log.wait { $0.contains { $0.message == "begun" } })
    let run = try #require(log.lines.first { $0.message == "begun" }?.metadata["run"])
    await host.stop()
    try await waitUntilGone(run)
  }

  @Test func `sixteen programs of a script run at once, and no more`() async throws {
    let log = LogRecorder()
    let host = try await host(
      """
      permissions { run = { 'sh' } }
      on('go', { name = 'job', overlap = 'allow', max_instances = 20 }, function()
        local r, message, code = sh("echo begun; sleep 60")
        print(code)
      end)
      """, log
    ) { $0.shutdownTimeout = .milliseconds(50) }
    for _ in 0..<17 { try host.emit("go") }
    #expect(log.wait { $0.contains { $0.message == "busy" } })
    #expect(log.wait { $0.count { $0.message == "begun" } == 16 })
    await host.stop()
  }

  @Test func `a script that loads runs nothing, and a simulation does not either`() async throws {
    let log = LogRecorder()
    let host = try await host(
      "permissions { run = { 'sh' } }\nprint(select(2, pcall(sh, 'true')))", log)
    #expect(
      log.said.count == 1
        && log.said[0].hasSuffix("sh.run waits, and cannot be called while the script loads"))
    await host.stop()
    let (simulation, trace) = try Simulation.load([
      "a.lua": "permissions { run = { 'sh' } }\nafter('1s', function() print(sh('true')) end)"
    ])
    try simulation.run(for: .seconds(2))
    #expect(trace.lines == ["nil\tsh.run is not mocked: sim:mock(\"sh.run\", ...)\tsimulated"])
  }

  private func waitUntilGone(_ run: String) async throws {
    for _ in 0..<500 where MarkedProcess.all().contains(where: { $0.mark == run }) {
      try await Task.sleep(for: .milliseconds(10))
    }
    #expect(!MarkedProcess.all().contains { $0.mark == run })
  }
}
