import Glibc
import SystemCalls
import SystemIO
import TestSupport
import Testing
import WorkerPool

@Suite struct RunningProgramTests {
  let programs = Programs()

  @Test func `a program's exit code, output and errors come back`() throws {
    let end = try #require(try programs.end("echo out; echo wrong >&2; exit 3"))
    #expect(end.status == .exited(3))
    #expect(end.outputText == "out\n" && end.errorText == "wrong\n")
    #expect(end.endedFor == nil && end.duration > 0)
  }

  @Test func `a program that a signal ends has no exit code`() throws {
    #expect(try programs.end("kill -SEGV $$")?.status == .killed(SIGSEGV))
  }

  @Test func `arguments and environment are passed byte for byte, and nothing else of the host`()
    throws
  {
    var program = Program("/usr/bin/env", "A=1 2", "/usr/bin/printf", "%s|", "a b", "\"'$x\n", "")
    program.environment = [Array("ÄÖ=ü\u{1}".utf8), Array("=odd".utf8)]
    program.mark = "7"
    let end = try #require(try programs.start(program).end())
    #expect(end.outputText == "a b|\"'$x\n||")
    var list = Program("/usr/bin/env", "-0")
    list.environment = program.environment
    list.mark = "7"
    let variables = try #require(try programs.start(list).end()).outputText.split(separator: "\0")
    #expect(variables == ["MOONWHEEL_RUN=7", "ÄÖ=ü\u{1}", "=odd"])
  }

  @Test func `a program leads a session of its own, with clean signals and three descriptors`()
    throws
  {
    let text = "ls /proc/self/fd; grep -E '^Sig(Blk|Ign)' /proc/self/status; cat /proc/$$/stat"
    let lines = try #require(try programs.end(text)).outputText.split(separator: "\n")
    // The fourth is that of `ls` for the folder itself.
    #expect(lines[0...3].map(String.init) == ["0", "1", "2", "3"])
    let nothing = "0000000000000000"
    #expect(lines[4...5].map { String($0) } == ["SigBlk:\t\(nothing)", "SigIgn:\t\(nothing)"])
    let fields = lines[6].split(separator: " ")
    #expect(fields[0] == fields[4] && fields[0] == fields[5])
  }

  @Test func `what writes to a pipe that nobody reads ends`() throws {
    let end = try #require(try programs.end("yes | head -n 2; echo done"))
    #expect(end.outputText == "y\ny\ndone\n")
  }

  @Test func `input is passed however large it is, and a program need not read it`() throws {
    let bytes = [UInt8](repeating: 0x61, count: 1 << 20)
    #expect(try programs.end("wc -c") { $0.input = .bytes(bytes) }?.outputText == "1048576\n")
    #expect(try programs.end("exec true") { $0.input = .bytes(bytes) }?.status == .exited(0))
    #expect(
      try programs.end("exec <&-; sleep 0.02; echo x") { $0.input = .bytes(bytes) }?.outputText
        == "x\n")
    #expect(try programs.end("cat")?.outputText == "")
  }

  @Test func `files serve as input and output`() throws {
    let folder = try TemporaryFolder()
    try folder.write("in", "text")
    let input = OpenFile(try Descriptor.open(folder.path("in"), for: .read))
    let output = OpenFile(try Descriptor.open(folder.path("out"), for: .readWrite))
    let end = try programs.end("cat; echo wrong >&2") { setup in
      setup.input = .file(input)
      setup.output = .file(output)
    }
    #expect(end?.outputText == "" && end?.errorText == "wrong\n")
    #expect(
      try Descriptor.open(folder.path("out"), for: .read).readStart(atMost: 99)
        == Array("text".utf8))
  }

  @Test func `both streams are read at once, and their first and last halves kept`() throws {
    let text =
      "i=0; while [ $i -lt 40 ]; do head -c 8192 /dev/zero; head -c 8192 /dev/zero >&2; i=$((i+1)); done; echo end"
    let end = try #require(
      try programs.end(text) { $0.output = .captured(atMost: 1_000) })
    #expect(end.output.total == 40 * 8_192 + 4 && end.error.total == 40 * 8_192)
    #expect(end.output.omitted == end.output.total - 1_000 && end.error.omitted == 0)
    #expect(end.outputText.hasSuffix("end\n"))
  }

  @Test func `lines come as they are written, the last one without an end too`() throws {
    let run = try programs.start(
      Programs.shell("echo one; printf 'a\\377b\\n' >&2; printf two"), lines: true)
    #expect(
      run.wait { $0.lines.count >= 2 }.map { Set($0.lines.prefix(2)) } == ["one", "! a\\xffb"])
    _ = run.end()
    #expect(run.outcome.withLock { $0.lines.last } == "two")
  }

  @Test func `each step of a start that fails has its own words`() throws {
    let missing = try #require(try programs.error(Program("/bin/nothing-of-this-name")))
    #expect(missing.step == .execution && missing.cause.code == ENOENT)
    #expect(try programs.error(Program("/etc/passwd"))?.cause.code == EACCES)
    var program = Programs.shell("true")
    program.folder = "/nowhere"
    #expect(try programs.error(program)?.step == .folder)
    program.folder = nil
    program.arguments.append([UInt8](repeating: 0x61, count: 1 << 18))
    #expect(try programs.error(program)?.cause.code == E2BIG)
  }

  @Test func `limits and mask hold, and folder and nice value are set`() throws {
    var program = Programs.shell("umask; pwd; nice; ulimit -v; ulimit -t; ulimit -Ht")
    program.folder = "/usr"
    program.limits.fileMask = 0o027
    program.limits.nice = 3
    program.limits.memory = 64 << 20
    program.limits.cpu = 7
    #expect(try programs.start(program).end()?.outputText == "0027\n/usr\n3\n65536\n7\n8\n")
  }

  @Test func `a program that is not confined keeps its rights unless it is to lose them`() throws {
    var program = Programs.shell("grep NoNewPrivs /proc/self/status")
    #expect(try programs.start(program).end()?.outputText == "NoNewPrivs:\t0\n")
    program.limits.losesPrivileges = true
    #expect(try programs.start(program).end()?.outputText == "NoNewPrivs:\t1\n")
  }

  @Test func `a hundred programs at once all end`() throws {
    let runs = try (0..<100).map { try programs.start(Program("/bin/sh", "-c", "exit \($0)")) }
    for (code, run) in runs.enumerated() {
      #expect(run.end()?.status == .exited(Int32(code)))
      #expect(run.wait { $0.isGone } != nil)
    }
  }
}
