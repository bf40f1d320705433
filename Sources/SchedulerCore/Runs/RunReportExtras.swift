import MoonwheelModel

/// What most runs do not leave behind.
public struct RunReportExtras: Sendable {
  public var log: [LogLine]
  public var omittedLines: Int
  /// What `run.state` has become; nil where the job has none, or it is as it was.
  public var state: Value?
  /// Nanoseconds after which the run asked to be tried again.
  public var retryAfter: Int64?
  /// The error says that trying again is no use: `retry = false` in it, or the policy's `unless` matched.
  public var refusesRetry: Bool
  /// Bytes that its isolate held at most while it ran; 0 is unknown.
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
