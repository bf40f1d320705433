import SystemCalls

/// Measures what the turns on one thread cost, in nanoseconds.
///
/// Reading a thread's processor time costs as much as a short turn. So a short turn is charged the time that has
/// passed, and the next long one is charged the difference to what the kernel has counted.
struct TurnMeter: ~Copyable {
  /// Turns of this length or more are measured.
  static let long: Int64 = 100_000

  private var began: Int64 = 0
  /// The thread's processor time when it was last read.
  private var read = Clocks.threadCPU()
  /// How much turns were charged since then.
  private var charged: Int64 = 0

  /// `now` is monotonic time.
  mutating func begin(at now: Int64) { began = now }

  /// The charge of the turn; at least 1.
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
