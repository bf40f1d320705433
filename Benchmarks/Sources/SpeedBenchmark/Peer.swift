import BenchmarkSupport
import Glibc

/// Another scheduler, measured if it is installed; `make bench-peers` installs all. The programs are in
/// `Benchmarks/Peers`, take the arguments of FireLimit, and print the figures that it prints.
struct Peer {
  let name: String
  /// The program that runs it, and its arguments before those of the work.
  let program: [String]
  /// Names of the rows that it cannot run.
  var lacks: Set<String> = []
  /// With more jobs it takes minutes.
  var mostJobs = Int.max

  private static let root = #filePath.split(separator: "/").dropLast(4).map { "/" + $0 }.joined()
  private static let built = root + "/.build-peers/programs"
  private static let python = [
    root + "/.build-peers/bin/python3", root + "/Benchmarks/Peers/timers.py",
  ]

  static let all = [
    Peer(name: "luv", program: ["lua5.4", root + "/Benchmarks/Peers/timers.lua"]),
    Peer(name: "Node", program: ["node", root + "/Benchmarks/Peers/timers.js"]),
    Peer(name: "Go", program: [built + "/timers-go"]),
    Peer(name: "Java", program: ["java", "-cp", built, "Timers"]),
    Peer(
      name: "Erlang",
      program: [
        "erl", "+P", "2000000", "-noshell", "-env", "ERL_CRASH_DUMP_BYTES", "0", "-pa", built,
        "-run", "timers", "main",
      ]),
    Peer(name: "sched", program: python + ["sched"], lacks: ["max"]),
    Peer(
      name: "threading.Timer", program: python + ["timer"], lacks: ["max"], mostJobs: 1_000),
    Peer(
      name: "schedule", program: python + ["schedule"], lacks: ["max", "burst"], mostJobs: 10_000),
    Peer(
      name: "APScheduler", program: python + ["apscheduler"], lacks: ["max"], mostJobs: 10_000),
    Peer(
      name: "Timeloop", program: python + ["timeloop"], lacks: ["max", "burst"], mostJobs: 1_000),
  ]

  /// The installed peers that can do the work.
  static func found(for work: [String]) -> [Peer] {
    guard !isSmoke, !CommandLine.arguments.contains("--no-peers") else { return [] }
    let jobs = work.count > 1 && work[0] != "busy" ? Int(work[1]) ?? 0 : 0
    return installed.filter { !$0.lacks.contains(work[0]) && jobs <= $0.mostJobs }
  }

  private static let installed = all.filter { Outside.start($0.program + ["start"]) != nil }
}
