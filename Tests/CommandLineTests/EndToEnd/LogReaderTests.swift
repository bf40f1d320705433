import Glibc
import SystemCalls
import Testing
import WorkerPool

/// A host whose log nobody reads, for a while or for ever.
@Suite(.serialized) struct LogReaderTests {
  /// Logs more than the pipe and the queue hold.
  private static let flood = """
    after("200ms", function() for i = 1, 40 do log.info(("x"):rep(20000)) end end)
    """
  private static let beats = """
    every("50ms", { name = "beat" }, function(run) log.info("beat no", { n = run.n }) end)
    """

  private func host(_ folder: ScriptFolder, _ flags: String...) throws -> MoonwheelProcess {
    try MoonwheelProcess(["run", folder.path, "--store", "memory"] + flags)
  }

  private func flooded() throws -> ScriptFolder {
    var scripts = ["beat.lua": Self.beats]
    for number in 1...8 { scripts["flood\(number).lua"] = Self.flood }
    return try ScriptFolder(scripts)
  }

  private func beats(in host: MoonwheelProcess) -> [Int] {
    host.text(.log).split(separator: "\n").filter { $0.contains("beat no") }
      .compactMap { $0.split(separator: "=").last.flatMap { Int($0) } }
  }

  @Test
  func `a reader of the log that stalls delays no job, and sees how many lines were left out`()
    throws
  {
    let folder = try flooded()
    let host = try host(folder)
    try host.line("beat no")
    host.pauseLog()
    usleep(3_000_000)
    host.resumeLog()
    let omission = try host.line("lines of the log were left out")
    try host.line("beat no", count: beats(in: host).count + 3)
    let numbers = beats(in: host)
    #expect(numbers == numbers.sorted())
    #expect(numbers.last ?? 0 >= 30, "\(numbers), \(omission)")
    let omitted = omission.split(separator: "=").last.flatMap { Int($0) } ?? 0
    #expect(omitted > 10, "\(omission)")
    host.signal(SIGTERM)
    #expect(try host.exit() == 0)
  }

  @Test(arguments: [[SIGTERM], [SIGTERM, SIGTERM], [SIGUSR1, SIGHUP, SIGINT]])
  func `a host whose log nobody reads stops`(signals: [Int32]) throws {
    let folder = try flooded()
    let host = try host(folder, "--shutdown-timeout", "500ms")
    try host.line("beat no")
    host.pauseLog()
    usleep(1_000_000)
    let begun = Clocks.monotonic()
    for signal in signals {
      host.signal(signal)
      usleep(50_000)
    }
    _ = try host.exit()
    #expect(Clocks.monotonic() - begun < 3_000_000_000)
  }

  @Test func `a host that ends by itself writes its whole log`() throws {
    let folder = try ScriptFolder([
      "last.lua": """
      after("10ms", function() for i = 1, 8000 do log.info("line", { i = i }) end end)
      """
    ])
    let outcome = try moonwheel("run", folder.path, "--store", "memory", "--for", "3s")
    #expect(outcome.code == 0)
    let lines = outcome.log.split(separator: "\n").filter { $0.contains("line  i=") }
    #expect(lines.count == 8_000)
    #expect(lines.enumerated().allSatisfy { $1.hasSuffix("i=\($0 + 1)") })
  }

  @Test func `an error at the start of a host is in its log`() throws {
    let folder = try ScriptFolder(["a.txt": ""])
    let outcome = try moonwheel("run", folder.path, "--store", "memory", "--no-watch")
    #expect(outcome.code == 1)
    #expect(outcome.log.contains("no scripts in this folder"))
  }
}
