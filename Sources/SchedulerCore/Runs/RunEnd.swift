import MoonwheelModel
import Triggers

/// The end of a run, as its worker reports it.
public struct RunEnd: Sendable {
  /// The dispatch of the run. The worker may have removed its inputs, but not the hook.
  public let dispatch: Dispatch
  /// The elapsed time at which the run entered Lua, in nanoseconds.
  public let startedAt: Int64
  /// The elapsed time at which the run ended, in nanoseconds.
  public let endedAt: Int64
  /// Time that the run spent on a worker, in nanoseconds.
  public let processorTime: Int64
  let ending: Boxed<Ending>?

  /// What most runs leave out: they return nil, log nothing, change no state and are not recorded.
  struct Ending: Sendable {
    var outcome: Run.Outcome
    var depth: UInt8
    var details: Boxed<RunEndDetails>?
  }

  /// Times are elapsed nanoseconds. `depth` is the number of events that led to the run, or 0 if the dispatch has it.
  public init(
    _ dispatch: Dispatch, outcome: Run.Outcome, startedAt: Int64, endedAt: Int64,
    processorTime: Int64 = 0, depth: UInt8 = 0, details: RunEndDetails? = nil
  ) {
    self.dispatch = dispatch
    self.startedAt = startedAt
    self.endedAt = endedAt
    self.processorTime = processorTime
    if case .succeeded(.nil) = outcome, depth == 0, details == nil {
      ending = nil
    } else {
      ending = Boxed(Ending(outcome: outcome, depth: depth, details: details.map { Boxed($0) }))
    }
  }

  init(_ dispatch: Dispatch, _ entry: RunEnds.Entry, _ ending: Boxed<Ending>?) {
    self.dispatch = dispatch
    startedAt = entry.startedAt
    endedAt = entry.endedAt
    processorTime = entry.processorTime
    self.ending = ending
  }

  public var outcome: Run.Outcome { ending?.content.outcome ?? .succeeded(.nil) }
  /// The number of events in the chain that led to the run.
  public var depth: UInt8 { ending?.content.depth ?? dispatch.eventDepth }
  /// Nil if the run left nothing behind.
  public var details: Boxed<RunEndDetails>? { ending?.content.details }
  public var run: Run.ID { dispatch.run }
  public var job: JobID { dispatch.job }
  public var generation: GenerationID { dispatch.generation }
  /// The nominal instant, in wall time.
  public var scheduledAt: Timestamp { dispatch.scheduledAt }
  public var number: Int64 { dispatch.number }
  public var attempt: Int32 { dispatch.attempt }
  public var isHook: Bool { dispatch.extras?.content.hook != nil }
  public var isRecorded: Bool { dispatch.isRecorded }
  /// The key of the job's row in the store.
  public var key: StoreKey { dispatch.key }
}

/// Outputs that most runs do not have.
public struct RunEndDetails: Sendable {
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
  /// What the run began and has not ended: its job stays busy until ``Input/resourcesEnded(_:_:)`` says that it has.
  public var ending: EndingResources?
  /// For the result or the failure, and the log.
  public var hold = MemoryHold.none
  /// For `state`.
  public var stateHold = MemoryHold.none

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
