import SystemCalls

/// What the turns on one thread cost, in nanoseconds.
///
/// Asking the kernel for a thread's processor time costs as much as a short turn: that is charged the time that has passed
/// instead, and the next long one the rest.
struct TurnMeter: ~Copyable {
  /// Turns from this length on are measured.
  static let long: Int64 = 100_000

  private var began: Int64 = 0
  /// Processor time of the thread when it was read last.
  private var read = Clocks.threadCPU()
  /// What has been charged since then.
  private var charged: Int64 = 0

  /// `now` is monotonic time.
  mutating func begin(at now: Int64) { began = now }

  /// What the turn is charged; at least 1.
  mutating func end(at now: Int64) -> Int64 {
    let passed = max(1, now - began)
    guard passed >= Self.long else {
      charged += passed
      return passed
    }
    let total = Clocks.threadCPU()
    let used = max(1, min(passed, total - read - charged))
    read = total
    charged = 0
    return used
  }
}
