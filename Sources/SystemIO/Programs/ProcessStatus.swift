import Glibc
import SystemCalls

/// What the kernel says of a process (`/proc/PID/stat`).
struct ProcessStatus {
  let hasEnded: Bool
  let group: Int32
  /// When it was started, in nanoseconds of `Clocks.elapsed()`, to 10 ms.
  let started: Int64

  /// Nil if there is no such process.
  init?(_ id: Int32) {
    guard let text = MarkedProcess.read("/proc/\(id)/stat", atMost: 4_096),
      let end = text.lastIndex(of: UInt8(ascii: ")"))
    else { return nil }
    // The second field, a name in parentheses, may have spaces and parentheses itself. The third is the state.
    let fields = text[(end + 1)...].split(separator: UInt8(ascii: " "))
    guard fields.count > 19, let state = fields[0].first,
      let group = Int32(String(decoding: fields[2], as: UTF8.self)),
      let ticks = Int64(String(decoding: fields[19], as: UTF8.self))
    else { return nil }
    hasEnded = state == UInt8(ascii: "Z") || state == UInt8(ascii: "X")
    self.group = group
    started = ticks * (1_000_000_000 / Int64(sysconf(Int32(_SC_CLK_TCK))))
  }
}
