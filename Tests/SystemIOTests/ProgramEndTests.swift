import Glibc
import SystemCalls
import SystemIO
import TestSupport
import Testing
import WorkerPool

/// Nothing outlives a program, and no program outlives its host.
@Suite struct ProgramEndTests {
  let programs = Programs()
  private static let short: Int64 = 50_000_000

  /// Waits until no process has this mark.
  private func isGone(_ mark: String) -> Bool { Programs.isGone(mark) }

  private func marked(_ text: String, _ mark: String) -> Program {
    var program = Programs.shell(text)
    program.mark = "test.\(getpid()).\(mark)"
    return program
  }

  @Test func `SIGTERM comes when the time is over, and what was written so far is kept`() throws {
    let end = try programs.end("echo begun; trap 'echo last; exit 9' TERM; sleep 60 & wait") {
      $0.timeout = Self.short
    }
    #expect(end?.endedFor == .timeout && end?.status == .exited(9))
    #expect(end?.outputText == "begun\nlast\n")
  }

  @Test func `a program that ignores SIGTERM is killed with all of its group`() throws {
    let program = marked("trap '' TERM; echo ready; sleep 60 & sleep 61", "stubborn")
    var setup = ProgramSetup()
    setup.killAfter = Self.short
    let run = try programs.start(program, setup, lines: true)
    #expect(run.wait { !$0.lines.isEmpty } != nil)
    run.program.end()
    let end = run.end()
    #expect(end?.status == .killed(SIGKILL) && end?.endedFor == .request)
    #expect(isGone(program.mark ?? ""))
  }

  @Test func `one that is stopped gets SIGTERM as well`() throws {
    let run = try programs.start(
      Programs.shell("trap 'exit 4' TERM; echo ready; kill -STOP $$; sleep 60"), lines: true)
    #expect(run.wait { !$0.lines.isEmpty } != nil)
    run.program.end()
    #expect(run.end()?.status == .exited(4))
  }

  @Test func `a process in the background that holds the pipe holds nobody up, and is ended`()
    throws
  {
    let program = marked("trap '' TERM; sleep 60 & echo begun", "background")
    var setup = ProgramSetup()
    setup.drain = Self.short
    setup.leftoverGrace = Self.short
    let run = try programs.start(program, setup)
    #expect(run.end()?.outputText == "begun\n")
    #expect(run.wait { $0.isGone } != nil && isGone(program.mark ?? ""))
  }

  @Test func `a process in the background that holds no pipe is ended, too`() throws {
    let program = marked("sleep 60 >/dev/null 2>&1 & :", "quiet")
    #expect(try programs.start(program).end()?.status == .exited(0))
    #expect(isGone(program.mark ?? ""))
  }

  @Test func `what forks without end is gone at once when it is killed`() throws {
    let fork =
      "f() { while :; do (while :; do :; done) & sleep 0.01; done; }; f & f & echo ready; wait"
    let program = marked(fork, "forks")
    let run = try programs.start(program, lines: true)
    #expect(run.wait { !$0.lines.isEmpty } != nil)
    run.program.kill()
    #expect(run.end()?.status == .killed(SIGKILL))
    #expect(isGone(program.mark ?? ""))
  }

  @Test func `an end that is asked for before the program has started holds as well`() throws {
    let gate = Condition(false)
    try programs.thread.submit { _ in gate.wait { $0 ? () : nil } }
    let (run, other) = (
      try programs.start(Programs.shell("sleep 60")), try programs.start(Programs.shell("sleep 61"))
    )
    run.program.end()
    other.program.kill()
    gate.withLock { $0 = true }
    gate.signal()
    #expect(other.wait { $0.isGone } != nil)
    #expect(run.wait { $0.isGone } != nil)
    #expect(other.end()?.endedFor == .request && run.end()?.endedFor == .request)
  }

  @Test func `programs die with their host`() throws {
    let program = marked("echo ready; sleep 60 & sleep 61", "host")
    let host = Programs()
    let run = try host.start(program, lines: true)
    #expect(run.wait { !$0.lines.isEmpty } != nil)
    host.thread.stop(until: Clocks.elapsed() + Programs.second)
    #expect(run.wait { $0.isGone }?.lines == ["ready"])
    #expect(isGone(program.mark ?? ""))
    #expect(throws: SystemCallError.self) { try host.start(program) }
    run.program.end()
  }

  @Test func `the kernel kills programs whose host is killed, confined ones too`() async {
    await #expect(processExitsWith: .signal(SIGKILL)) {
      let host = Programs()
      var program = Programs.shell("trap '' TERM; echo ready; exec sleep 60")
      program.mark = "test.killed"
      let run = try host.start(program, lines: true)
      let rules = ["/usr", "/bin", "/lib", "/lib64"].map { Confinement.Rule($0, [.read, .run]) }
      program.confinement = Confinement(rules, ports: [])
      let confined = try host.start(program, lines: true)
      for run in [run, confined] where run.wait({ !$0.lines.isEmpty }) == nil { exit(1) }
      kill(getpid(), SIGKILL)
    }
    #expect(isGone("test.killed"))
  }

  @Test func `processes with a mark are found and killed, those among them that fork as well`()
    throws
  {
    let program = marked(
      "setsid sh -c 'while :; do sleep 60 & sleep 0.001; done' & echo ready; wait", "left")
    let run = try programs.start(program, lines: true)
    #expect(run.wait { !$0.lines.isEmpty } != nil)
    let found = try #require(MarkedProcess.all().first { $0.mark == program.mark })
    #expect(found.started <= Clocks.elapsed() && found.command.hasPrefix("/bin/sh -c"))
    let killed = MarkedProcess.killAll { $0.mark == program.mark }
    #expect(killed.count >= 2)
    #expect(isGone(program.mark ?? ""))
    #expect(run.end()?.status == .killed(SIGKILL))
  }

  @Test func `a host that ignores SIGCHLD still hears of the end`() async {
    await #expect(processExitsWith: .exitCode(0)) {
      signal(SIGCHLD, SIG_IGN)
      let end = try Programs().end("sleep 0.01; exit 7")
      exit(end?.status == .exited(7) || end?.status == .unknown ? 0 : 1)
    }
  }

  @Test func `a daemon that leaves its group is ended when its program has, and nothing is left`()
    async
  {
    await #expect(processExitsWith: .exitCode(0)) {
      SignalSet([SIGCHLD]).block()
      let programs = Programs()
      let ended = Condition([MarkedProcess]())
      let orphans = try Orphans(on: programs.thread) { process in
        ended.withLock { $0.append(process) }
        ended.signal()
      }
      // The pipe tells that the daemon has left the group.
      let folder = try TemporaryFolder()
      let pipe = folder.path("pipe")
      let daemon = "echo up >\(pipe); (sleep 0.05; true) & sleep 60"
      var program = Programs.shell(
        "mkfifo \(pipe); setsid sh -c '\(daemon)' >/dev/null 2>&1 & read x <\(pipe)")
      program.mark = "daemon"
      let run = try programs.start(program)
      guard run.end()?.status == .exited(0) else { exit(1) }
      let deadline = Clocks.monotonic() + Programs.longest
      guard ended.wait(until: deadline, for: { $0.isEmpty ? nil : () }) != nil else { exit(2) }
      guard Programs.isGone("daemon") else { exit(3) }
      // It is reaped a moment later.
      let children = "/proc/self/task/\(getpid())/children"
      while Clocks.monotonic() < deadline {
        if try RegularFile.read(children, atMost: 1_000).isEmpty { exit(0) }
        sched_yield()
      }
      withExtendedLifetime(orphans) {}
      exit(4)
    }
  }
}
