import MoonwheelModel
import Triggers

/// What a worker says of a run that has ended.
public struct RunReport: Sendable {
  /// As it was dispatched; what was passed to it may be missing, but for which hook it was.
  public let dispatch: Dispatch
  /// Elapsed time when it entered Lua, in nanoseconds.
  public let startedAt: Int64
  /// Elapsed time, in nanoseconds.
  public let endedAt: Int64
  /// Time on a worker, in nanoseconds.
  public let processorTime: Int64
  /// Nil for a run that succeeded without a result and left nothing behind, and of whose event the dispatch tells: for most.
  private let ending: Boxed<Ending>?

  private struct Ending: Sendable {
    var outcome: Run.Outcome
    var depth: UInt8
    var details: Boxed<RunReportExtras>?
  }

  /// Of a run that was dispatched; times are elapsed nanoseconds. `depth` is how many events led to it.
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

  /// It succeeded without a result, no event led to it, and it left nothing behind.
  var isSilent: Bool { ending == nil }

  public var outcome: Run.Outcome { ending?.content.outcome ?? .succeeded(.nil) }
  /// How many events led to the run.
  public var depth: UInt8 { ending?.content.depth ?? dispatch.eventDepth }
  /// Nil where there is nothing in it.
  public var details: Boxed<RunReportExtras>? { ending?.content.details }
  public var run: Run.ID { dispatch.run }
  public var job: JobID { dispatch.job }
  public var generation: GenerationID { dispatch.generation }
  /// Wall time, as it was dispatched.
  public var scheduledAt: Timestamp { dispatch.scheduledAt }
  public var number: Int64 { dispatch.number }
  public var attempt: Int32 { dispatch.attempt }
  public var isHook: Bool { dispatch.extras?.content.hook != nil }
  public var isRecorded: Bool { dispatch.isRecorded }
  /// The job's row in the store.
  public var key: StoreKey { dispatch.key }
}
