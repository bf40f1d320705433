import MoonwheelModel
import Triggers

/// A worker's report of a run that has ended.
public struct RunReport: Sendable {
  /// The dispatch of the run. The worker may have removed its inputs, but not the hook.
  public let dispatch: Dispatch
  /// The elapsed time at which the run entered Lua, in nanoseconds.
  public let startedAt: Int64
  /// The elapsed time at which the run ended, in nanoseconds.
  public let endedAt: Int64
  /// Time that the run spent on a worker, in nanoseconds.
  public let processorTime: Int64
  /// Nil for the common case: the run returned nil, logged nothing and changed no state, and the dispatch has its
  /// depth.
  private let ending: Boxed<Ending>?

  private struct Ending: Sendable {
    var outcome: Run.Outcome
    var depth: UInt8
    var details: Boxed<RunReportExtras>?
  }

  /// Times are elapsed nanoseconds. `depth` is the number of events that led to the run, or 0 if the dispatch has it.
  public init(
    _ dispatch: Dispatch, outcome: Run.Outcome, startedAt: Int64, endedAt: Int64,
    processorTime: Int64 = 0, depth: UInt8 = 0, details: RunReportExtras? = nil
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

  /// True for the common case: success without result, log or changed state.
  var isSilent: Bool { ending == nil }

  public var outcome: Run.Outcome { ending?.content.outcome ?? .succeeded(.nil) }
  /// The number of events in the chain that led to the run.
  public var depth: UInt8 { ending?.content.depth ?? dispatch.eventDepth }
  /// Nil if the run left nothing behind.
  public var details: Boxed<RunReportExtras>? { ending?.content.details }
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
