import Glibc
import SystemCalls
import SystemIO
import TestSupport
import Testing
import WorkerPool

/// Programs that end in each way at random moments leave no process, no zombie and no descriptor.
@Suite struct RandomEndTests {
  /// `make test-long` runs a thousand.
  private static let count =
    Environment.value(of: "MOONWHEEL_PROGRAMS").flatMap { Int($0) } ?? 60

  private static let scripts = [
    "exit 3", "echo out; echo err >&2", "sleep 0.01", "kill -9 $$", "sleep 60", "sleep 60 & wait",
    "trap '' TERM; sleep 60", "sleep 60 & echo left behind", "head -c 300000 /dev/zero",
    "trap '' TERM; sleep 60 >/dev/null 2>&1 & :", "cat", "yes | head -c 200000", "/nowhere/program",
    "for i in 1 2 3 4; do (sleep 60 & sleep 60) & done; wait", "kill -STOP $$",
    "exec >&- 2>&-; sleep 60",
  ]

  @Test func `nothing is left, however they end`() async {
    await #expect(processExitsWith: .exitCode(0)) {
      let programs = Programs()
      let seed = UInt64(getpid())
      var random = SplitMix64(seed: seed)
      // The first use opens what stays open.
      _ = try programs.start(Programs.shell("exit 0")).wait { $0.isGone }
      let before = try FolderEntries.names(in: "/proc/self/fd").count
      let mark = "random.\(getpid())"
      var runs: [Programs.Run] = []
      for _ in 0..<Self.count {
        var program = Programs.shell(random.pick(Self.scripts))
        program.mark = mark
        var setup = ProgramSetup()
        setup.drain = 20_000_000
        setup.leftoverGrace = 20_000_000
        setup.killAfter = 20_000_000
        if random.chance(70) { setup.timeout = Int64(random.next(in: 0...60_000_000)) }
        if random.chance(30) { setup.input = .bytes([UInt8](repeating: 0x61, count: 200_000)) }
        let run = try programs.start(program, setup, lines: random.chance(50))
        if setup.timeout == nil || random.chance(30) {
          let kills = random.chance(50)
          let delay = Int64(random.next(in: 0...40_000_000))
          try programs.thread.submit { loop in
            _ = loop.setTimer(at: Clocks.elapsed() + delay) { _ in
              if kills { run.program.kill() } else { run.program.end() }
            }
          }
        }
        runs.append(run)
        // No more at once than a host allows.
        if runs.count >= 50, runs.removeFirst().wait({ $0.isGone }) == nil { exit(1) }
      }
      for run in runs where run.wait({ $0.isGone && $0.end != nil }) == nil { exit(2) }
      guard Programs.isGone(mark) else { exit(3) }
      let after = try FolderEntries.names(in: "/proc/self/fd").count
      let children = try RegularFile.read("/proc/self/task/\(getpid())/children", atMost: 9_999)
      print("seed \(seed): \(before) descriptors, then \(after); children: \(children.count) bytes")
      exit(after == before && children.isEmpty ? 0 : 4)
    }
  }
}
