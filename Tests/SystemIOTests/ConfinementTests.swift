import Glibc
import SystemCalls
import SystemIO
import TestSupport
import Testing

@Suite struct ConfinementTests {
  let programs = Programs()

  private func output(
    _ text: String, _ rules: [Confinement.Rule] = [], ports: [UInt16]? = []
  ) throws -> String? {
    let system = ["/usr", "/bin", "/lib", "/lib64"].map { Confinement.Rule($0, [.read, .run]) }
    var program = Programs.shell(text)
    program.confinement = Confinement(
      system + [.init("/dev/null", [.read, .write])] + rules, ports: ports)
    return try programs.start(program).end()?.outputText
  }

  @Test func `a confined program reads and writes what its rules name, and nothing else`() throws {
    let folder = try TemporaryFolder()
    for name in ["box", "box2", "look"] { try FileNames.makeFolder(folder.path(name)) }
    for name in ["look/a", "box2/a", "file", "other"] { try folder.write(name, name + "\n") }
    let text = """
      exec 2>/dev/null; cd \(folder.path)
      cat look/a; cat file; cat other || echo no other; cat box2/a || echo no box2; cat /etc/passwd || echo no passwd
      echo x >look/b || echo no look; echo x >file || echo no file
      mkdir box/d && echo x >box/d/x && mv box/d/x box/y && cat box/y && rm -r box/d box/y && ls box && echo made
      ln -s ../other box/link; cat box/link || echo no link
      ls /proc || echo no proc
      """
    let rules: [Confinement.Rule] = [
      .init(folder.path("box"), [.read, .write]), .init(folder.path("look"), .read),
      .init(folder.path("file"), .read), .init(folder.path("nothing"), .read),
    ]
    #expect(
      try output(text, rules)?.split(separator: "\n").map(String.init) == [
        "look/a", "file", "no other", "no box2", "no passwd", "no look", "no file", "x", "made",
        "no link", "no proc",
      ])
  }

  @Test func `it executes only where it may, and gains no rights`() throws {
    let folder = try TemporaryFolder()
    try folder.write("tool", "#!/bin/sh\necho ran\n")
    #expect(unsafe chmod(folder.path("tool"), 0o755) == 0)
    let text = "\(folder.path)/tool 2>/dev/null || echo no; grep NoNewPrivs /proc/self/status"
    let rules = [Confinement.Rule("/proc", .read)]
    #expect(
      try output(text, rules + [.init(folder.path, .read)]) == "no\nNoNewPrivs:\t1\n")
    #expect(
      try output(text, rules + [.init(folder.path, [.read, .run])]) == "ran\nNoNewPrivs:\t1\n")
    var program = Program(folder.path("tool"))
    program.confinement = Confinement([], ports: [])
    #expect(try programs.error(program)?.step == .execution)
  }

  @Test(.enabled(if: Confinement.version >= 4))
  func `it connects to the ports that it may`() throws {
    let text =
      "/bin/bash -c ': </dev/tcp/127.0.0.1/9' 2>&1 | grep -o 'refused\\|denied' | head -n 1"
    #expect(try output(text, ports: []) == "denied\n")
    #expect(try output(text, ports: [80]) == "denied\n")
    #expect(try output(text, ports: [80, 9]) == "refused\n")
    #expect(try output(text, ports: nil) == "refused\n")
  }

  @Test(.enabled(if: Confinement.version >= 6))
  func `it signals whom it started, and nobody else`() throws {
    let text = "kill -0 $PPID 2>/dev/null || echo not the host; sleep 60 & kill $! && echo its own"
    #expect(try output(text) == "not the host\nits own\n")
  }

  @Test func `what is open already stays open`() throws {
    let folder = try TemporaryFolder()
    try folder.write("in", "text")
    var program = Programs.shell("cat")
    program.confinement = Confinement(
      ["/usr", "/bin", "/lib", "/lib64"].map { .init($0, [.read, .run]) }, ports: [])
    var setup = ProgramSetup()
    setup.input = .file(OpenFile(try Descriptor.open(folder.path("in"), for: .read)))
    #expect(try programs.start(program, setup).end()?.outputText == "text")
  }
}
