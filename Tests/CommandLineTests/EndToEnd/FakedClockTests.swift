import FoundationEssentials
import Glibc
import Layers
import Moonwheel
import SystemCalls
import Testing
import WorkerPool

extension Tag {
  /// Takes seconds of real time.
  @Tag static var realTime: Self
}

/// Sets the wall clock of a process while `run` runs in it: a preloaded library fakes `clock_gettime`.
///
/// The kernel does not tell such a host that its clock was set. The host notices it anyway, since it compares its
/// clocks whenever it wakes, here at each fire of a job. Tests of the core check how long it may sleep.
@Suite struct FakedClockTests {
  private static let script = """
    every("500ms", { name = "beat" }, function(run) print("beat " .. run.n) end)
    cron("0 12 * * *", { name = "noon" }, function(run) print("noon " .. date(run.scheduled_at, "%H:%M:%S")) end)
    cron("* * * * * *", { name = "wild" }, function(run) print("wild " .. date(run.scheduled_at, "%H:%M")) end)
    on("scheduler.clock_stepped", function(event) print(("stepped %.0f"):format(event.payload.by)) end)
    """

  @Test(.tags(.realTime))
  func `a calendar trigger follows a clock that is set, and a period does not`() throws {
    let folder = try ScriptFolder(["a.lua": Self.script])
    let clock = try FakedClock(at: "2030-06-01T11:30:00Z")
    let started = Clocks.monotonic()
    let host = try MoonwheelProcess(
      ["run", folder.path, "--tz", "UTC", "--log", "json"], environment: clock.environment)
    try host.line("beat 2")
    #expect(!host.text(.log).contains("clock_stepped"))

    let forward = try clock.step(to: "2030-06-01T11:59:58Z")
    try host.line("stepped \(forward)")
    try host.line("noon 12:00:00")
    #expect(try clock.now >= FakedClock.second("2030-06-01T12:00:00Z"))
    try host.line("wild 12:00")

    let back = try clock.step(to: "2030-06-01T11:00:30Z")
    try host.line("stepped \(back)")
    try host.line("wild 11:0")
    let beats = Self.beats(host)
    try host.line("beat \(beats + 2)\"")

    host.signal(SIGTERM)
    #expect(try host.exit() == 0)
    let most = (Clocks.monotonic() - started) / 500_000_000
    #expect(Self.beats(host) <= most, "more than one each half second")
    let lines = host.text(.log).split(separator: "\n")
    #expect(lines.count { $0.contains("noon 12:00:00") } == 1)
    let steps = try lines.filter { $0.contains(#""event":"scheduler.clock_stepped""#) }.map {
      line in
      try JSONDecoder().decode(Step.self, from: Data(line.utf8))
    }
    #expect(steps.count == 2)
    for (step, seconds) in zip(steps, [forward, back]) {
      #expect(step.level == "warning" && abs(step.payload.by - Double(seconds)) < 0.5, "\(step)")
    }
    #expect(steps.first?.message.hasPrefix("the wall clock was set forward by 29m") == true)
    #expect(steps.last?.message.hasPrefix("the wall clock was set back by ") == true)
  }

  private static func beats(_ host: MoonwheelProcess) -> Int64 {
    Int64(host.text(.log).split(separator: "\n").count { $0.contains("\"beat ") })
  }

  private struct Step: Decodable {
    struct Payload: Decodable { var by: Double }
    var level: String
    var message: String
    var payload: Payload
  }
}

/// The wall clock of a process that starts with ``environment``.
private final class FakedClock {
  private let folder: ScriptFolder
  /// How many seconds it is ahead of the machine's clock.
  private var offset: Int64

  init(at text: String) throws {
    folder = try ScriptFolder()
    offset = try Self.second(text) - Clocks.wall() / 1_000_000_000
    try writeOffset()
    try build()
  }

  static func second(_ text: String) throws -> Int64 {
    try Timestamp(text, TriggerOptions()).seconds
  }

  var now: Int64 { Clocks.wall() / 1_000_000_000 + offset }

  var environment: [String: String] {
    ["LD_PRELOAD": folder.path + "/clock.so", "FAKED_CLOCK": folder.path + "/offset"]
  }

  /// Sets the clock, and returns by how many seconds that moved it.
  func step(to text: String) throws -> Int64 {
    let step = try Self.second(text) - now
    offset += step
    try writeOffset()
    return step
  }

  /// Writes the offset to the file that the process has mapped.
  private func writeOffset() throws {
    let file = unsafe open(folder.path + "/offset", O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
    try #require(file >= 0, "errno \(errno)")
    defer { close(file) }
    try #require(unsafe pwrite(file, &offset, 8, 0) == 8, "errno \(errno)")
  }

  /// Builds the library, with the compiler that comes with Swift.
  private func build() throws {
    let source = #filePath.split(separator: "/").dropLast().map { "/" + $0 }.joined()
    let compiler = try MoonwheelProcess(
      program: "clang",
      ["-shared", "-fPIC", "-O", "-o", folder.path + "/clock.so", source + "/faked_clock.c"])
    let code = try compiler.exit()
    try #require(code == 0, "\(compiler.text(.log))")
  }
}
