import Triggers

/// How failed runs are tried again: after `from · factorⁿ`, at most `to`, and up to `jitter` of that more.
public struct RetryPolicy: Sendable, Hashable {
  /// How often at most, after the first attempt.
  public var max: Int
  /// Nanoseconds.
  public var from: Int64
  /// Nanoseconds.
  public var to: Int64
  public var factor: Double
  /// From 0 to 1.
  public var jitter: Double
  /// A Lua pattern: an error whose message has it is not tried again.
  public var unless: String?

  public init(
    max: Int, from: Int64 = 1_000_000_000, to: Int64 = 3_600_000_000_000, factor: Double = 2,
    jitter: Double = 0.1, unless: String? = nil
  ) {
    self.max = max
    self.from = from
    self.to = to
    self.factor = factor
    self.jitter = jitter
    self.unless = unless
  }

  /// How long to wait after an attempt that failed, counted from 1, of the job's so manieth run. Drawn from these, so that
  /// the same failure always waits as long, whatever other jobs there are.
  public func delay(after attempt: Int32, ofRun number: Int64, of job: String) -> Int64 {
    var delay = Double(from)
    for _ in 0..<min(Swift.max(0, attempt - 1), 4_096) where delay < Double(to) { delay *= factor }
    let bounded = Swift.min(Int64(saturating: delay), to)
    let most = Swift.min(Int64(saturating: Double(bounded) * jitter), .max - bounded)
    guard most > 0 else { return bounded }
    return bounded
      + Jitter.delay(
        upTo: most, seed: UInt64(bitPattern: number), name: job,
        at: Timestamp(nanoseconds: Int64(attempt)))
  }
}
