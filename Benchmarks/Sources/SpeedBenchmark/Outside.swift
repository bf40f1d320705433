import BenchmarkSupport
import Glibc

/// Measures programs from outside: the time to their first fire, and their wake-ups and memory when nothing is due.
/// Limit, ours and peers are measured alike; but bursts, which limit and peers measure themselves.
enum Outside {
  /// From the start of the process to the line that its first callback writes, in milliseconds.
  static func start(_ command: [String]) -> Figures? {
    let start = Process.monotonicTime()
    guard let child = Child(command, withErrors: true) else { return nil }
    let isFound = child.line(with: "fired") != nil
    let time = Double(Process.monotonicTime() - start) / 1e6
    child.stop()
    return isFound ? ["start_ms": time] : nil
  }

  /// Wake-ups of all threads of an idle program, and its memory.
  static func idle(_ command: [String], seconds: Double) -> Figures? {
    guard let child = Child(command, withErrors: true) else { return nil }
    defer { child.stop() }
    Process.sleep(seconds: isSmoke ? 0.3 : 2)
    let before = Process.contextSwitches(of: child.id)
    Process.sleep(seconds: seconds)
    let after = Process.contextSwitches(of: child.id)
    let switches = after.reduce(0) { $0 + $1.value - before[$1.key, default: 0] }
    let bytes = Process.residentBytes(of: child.id)
    guard bytes > 0 else { return nil }
    return ["wakes": Double(switches) / seconds, "mb": Double(bytes) / 1e6]
  }

  /// The time from when the jobs are due to their last callback, as the script tells it; and the processor time of the
  /// whole process until it rests again: the store is written after the callbacks, too.
  static func burst(_ command: [String], jobs: Int) -> Figures? {
    guard let child = Child(command, withErrors: true) else { return nil }
    defer { child.stop() }
    guard child.line(with: "jobs.lua  loaded, ") != nil else { return nil }
    let before = timeAtRest(of: child)
    let words = child.line(with: "over\t")?.split(whereSeparator: \.isWhitespace)
    guard let drained = words?.last.flatMap({ Double($0) }) else { return nil }
    return ["drain_ms": drained, "cpu_ns": Double(timeAtRest(of: child) - before) / Double(jobs)]
  }

  /// The processor time of a program, in nanoseconds, when it has used less than a millisecond of it for a while.
  private static func timeAtRest(of child: Child) -> Int64 {
    var time = Process.processorTime(of: child.id)
    while true {
      Process.sleep(seconds: isSmoke ? 0.1 : 0.3)
      let last = time
      time = Process.processorTime(of: child.id)
      if time - last < 1_000_000 { return time }
    }
  }
}
