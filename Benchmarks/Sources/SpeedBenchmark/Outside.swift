import BenchmarkSupport
import Glibc

/// Measures programs from outside: the time to their first fire, and their wake-ups and memory when nothing is due.
/// Limit, ours and peers are measured alike.
enum Outside {
  /// From the start of the process to the line that its first callback writes, in milliseconds.
  static func start(_ command: [String]) -> Figures? {
    let start = Process.monotonicTime()
    guard let child = Child(command, withErrors: true) else { return nil }
    var isFound = false
    while let line = child.nextLine() {
      guard line.contains("fired") else { continue }
      isFound = true
      break
    }
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
}
