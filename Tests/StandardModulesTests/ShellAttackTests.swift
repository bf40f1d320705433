import Glibc
import Layers
import Moonwheel
import MoonwheelTesting
import SystemIO
import TestSupport
import Testing

/// Scripts that use `sh` to harm. A neighbour goes on meanwhile.
@Suite(.timeLimit(.minutes(1))) struct ShellAttackTests {
  private func said(
    _ body: String, asking: String = "run = { 'sh', 'true' }"
  ) async throws -> [String] {
    let log = LogRecorder()
    var configuration = Configuration()
    configuration.permissions = .asked
    configuration.texts = [
      (
        name: "a.lua",
        source: """
        permissions { \(asking) }
        on('go', { name = 'job' }, function()
          local function show(result, message, code) print(code, message or result.stdout) end
          \(body)
          print('end')
        end)
        """
      ),
      (
        name: "b.lua",
        source: "on('go', function() for n = 1, 5 do sleep(0.01) end print('neighbour') end)"
      ),
    ]
    let host = try Scheduler(configuration, logger: log.logger)
    try host.start()
    _ = try await host.jobs
    try host.emit("go")
    #expect(
      log.wait(seconds: 50) { lines in
        lines.contains { $0.message == "end" || $0.event == "run.failed" }
          && lines.contains { $0.message == "neighbour" }
      })
    await host.stop()
    return log.lines.filter { $0.isSaid || $0.event == "run.failed" }.map(\.message)
      .filter { $0 != "end" && $0 != "neighbour" }
  }

  @Test func `more words and variables than the system takes are a failure`() async throws {
    let lines = try await said(
      """
      local words = { "true" }
      for n = 2, 200000 do words[n] = "a word of some length" end
      show(sh(words))
      show(sh { "true", ("x"):rep(200000) })
      show(sh { "true", env = { A = ("x"):rep(200000) } })
      local many = {}
      for n = 1, 30000 do many["N" .. n] = ("x"):rep(100) end
      show(sh { "true", env = many })
      show(sh { "true", ("x"):rep(100000), env = { A = ("x"):rep(100000) } })
      """)
    #expect(lines.count == 5)
    #expect(lines.prefix(4).allSatisfy { $0 == "spawn\ttrue: Argument list too long" }, "\(lines)")
    #expect(lines.last == "nil\t")
  }

  @Test func `names and texts cannot hide what is run`() async throws {
    let lines = try await said(
      """
      for _, words in ipairs { { "true\\0" }, { "" }, { "tr\\nue" }, { "./true" }, { "../bin/true" }, { "-c" }, { "true", "a\\0b" } } do
        local ok, result, message, code = pcall(sh, words)
        print(ok and code or "raised")
      end
      for _, name in ipairs { "LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT", "PATH", "IFS", "ENV", "BASH_ENV", "DYLD_X", "MOONWHEEL_HOST" } do
        print(pcall(sh, { "true", env = { [name] = "/tmp/x.so" } }) and "ran" or "raised")
      end
      show(sh("set -- 'a b'; echo $1; echo \\"$IFS\\" | wc -c", { env = { X = "() { :; }; echo owned" }, log = false }))
      """)
    #expect(
      lines == ["raised", "raised", "denied", "denied", "denied", "denied", "raised"]
        + [String](repeating: "raised", count: 9) + ["nil\ta b\n4\n"])
  }

  @Test(.enabled(if: Confinement.version > 0))
  func `the host is out of reach, also by its folder and by proc`() async throws {
    let lines = try await said(
      """
      local quiet = { log = false, cwd = "/etc" }
      show(sh("cat passwd 2>/dev/null || echo no", quiet))
      show(sh("cat /proc/$PPID/mem 2>/dev/null || echo no; readlink /proc/$PPID/exe || echo no", quiet))
      show(sh("ls /proc/$PPID/root/ /proc/$PPID/cwd/ 2>/dev/null || echo no", quiet))
      show(sh("kill -0 $PPID 2>/dev/null || echo no", quiet))
      show(sh("ls /proc/self/fd | wc -l", { log = false }))
      """, asking: "run = { 'sh' }, read = { '/proc' }")
    #expect(lines[0...2] == ["nil\tno\n", "nil\tno\nno\n", "nil\tno\n"], "\(lines)")
    if Confinement.version >= 6 { #expect(lines[3] == "nil\tno\n") }
    // Three, and that of the listing itself.
    #expect(lines[4] == "nil\t4\n", "\(lines)")
    let others = try await said(
      "show(sh('cat /proc/$PPID/environ /proc/self/environ 2>/dev/null || echo no', { log = false }))",
      asking: "run = { 'sh' }, read = { '/usr' }")
    #expect(others == ["nil\tno\n"])
  }

  @Test func `a program that is replaced while it runs goes on, and the next call has the new one`()
    async throws
  {
    let folder = try TemporaryFolder()
    try folder.write(
      "tool", "#!/bin/sh\nwhile [ -e \(folder.path)/new ]; do sleep 0.02; done\necho old\n")
    try folder.write("new", "#!/bin/sh\necho new\n")
    for name in ["tool", "new"] { #expect(unsafe chmod(folder.path(name), 0o755) == 0) }
    let lines = try await said(
      """
      local tool = { "\(folder.path)/tool", log = false }
      after("1s", function() assert(sh { "mv", "\(folder.path)/new", "\(folder.path)/tool", confine = false }) end)
      show(sh(tool))
      show(sh(tool))
      """, asking: "run = { '\(folder.path)/tool', 'mv', 'unconfined' }")
    #expect(lines == ["nil\told\n", "nil\tnew\n"])
  }

  @Test func `what forks without an end is ended with all that it has made`() async throws {
    let number = "\(UInt32.random(in: 100_000_000 ... .max))"
    let lines = try await said(
      """
      show(sh("i=0; while [ $i -lt 300 ]; do (sleep 0.01; sleep \(number)) & i=$((i + 1)); done; wait",
        { timeout = "300ms", kill_after = "50ms", log = false }))
      """)
    #expect(lines[0].hasPrefix("timeout\t"))
    for _ in 0..<1_000 where !ProcessWords.processes(with: number).isEmpty {
      try await Task.sleep(for: .milliseconds(10))
    }
    #expect(ProcessWords.processes(with: number).isEmpty)
  }
}
