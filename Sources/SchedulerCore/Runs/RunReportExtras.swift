import MoonwheelModel

/// Outputs that most runs do not have.
public struct RunReportExtras: Sendable {
  public var log: [LogLine]
  /// The number of log lines that a bound left out.
  public var omittedLines: Int
  /// The new value of `run.state`; nil if it has not changed.
  public var state: Value?
  /// The delay before the next attempt that the run asked for, in nanoseconds.
  public var retryAfter: Int64?
  /// True if the run must not be tried again: the error has `retry = false`, or the policy's `unless` matched.
  public var refusesRetry: Bool
  /// The most bytes that the isolate held during the run; 0 is unknown.
  public var peakMemory: Int64

  public init(
    log: [LogLine] = [], omittedLines: Int = 0, state: Value? = nil, retryAfter: Int64? = nil,
    refusesRetry: Bool = false, peakMemory: Int64 = 0
  ) {
    self.log = log
    self.omittedLines = omittedLines
    self.state = state
    self.retryAfter = retryAfter
    self.refusesRetry = refusesRetry
    self.peakMemory = peakMemory
  }
}
