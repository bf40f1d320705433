import Triggers

/// The delays before failed runs are tried again: `from · factorⁿ`, at most `to`, plus up to `jitter` of that.
public struct RetryPolicy: Sendable, Hashable {
  /// The most attempts after the first.
  public var max: Int
  /// The first delay, in nanoseconds.
  public var from: Int64
  /// The longest delay without jitter, in nanoseconds.
  public var to: Int64
  public var factor: Double
  /// A fraction of the delay, from 0 to 1.
  public var jitter: Double
  /// A Lua pattern. A run whose error message matches it is not tried again.
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

  /// The delay before the next attempt, in nanoseconds. `attempt` counts from 1; `number` counts the job's runs.
  /// Deterministic: equal arguments give equal jitter, whatever other jobs there are.
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
