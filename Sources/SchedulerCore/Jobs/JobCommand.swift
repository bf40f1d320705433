import MoonwheelModel
import Triggers

/// A job by its handle in a generation.
public struct JobAddress: Sendable, Hashable {
  public var generation: GenerationID
  public var handle: JobHandle

  public init(generation: GenerationID, handle: JobHandle) {
    self.generation = generation
    self.handle = handle
  }
}

/// A command to one job.
public enum JobCommand: Sendable {
  case pause(reason: String?)
  case resume
  /// Ends the job and its pending runs, and interrupts its runs under way except for the one that asks.
  case cancel(by: Run.ID?, reason: String? = nil)
  /// Ends one run of the job: interrupts it if it is under way, or removes it if it is pending. No effect on a run that
  /// has ended.
  case cancelRun(Boxed<CancelledRun>)
  /// Adds a pending run with these arguments, or with an event.
  case addPendingRun(Boxed<NewPendingRun>)
  /// Gives the job another trigger until its script is loaded again.
  case setTrigger(Boxed<NewTrigger>)
  /// Asks for the next fires, at most this many.
  case next(Int)
  /// Asks for a ``JobStatus``.
  case status

  public struct CancelledRun: Sendable {
    public var run: Run.ID
    public var reason: String
  }

  public struct NewPendingRun: Sendable {
    public var payload: PendingRun.Payload
    public var time: EnqueueTime
    /// Who asks: a script, or the program.
    public var by: String?
    /// The run that asks.
    public var of: Run.ID?
    /// True if the sender also wants to hear how the run ends: ``JobAnswer/ended(_:)``.
    public var isAwaited = false
    /// For the pending run.
    public var hold: MemoryHold
  }

  public struct NewTrigger: Sendable {
    public var trigger: JobTrigger
    /// For the trigger.
    public var hold: MemoryHold
  }

  /// True if the sender gets a second answer, when the run has ended.
  package var isAwaited: Bool {
    if case .addPendingRun(let new) = self { new.content.isAwaited } else { false }
  }

  public static func cancelRun(_ run: Run.ID, reason: String) -> JobCommand {
    .cancelRun(Boxed(CancelledRun(run: run, reason: reason)))
  }

  public static func enqueue(
    _ payload: PendingRun.Payload, at time: EnqueueTime, by: String? = nil, of: Run.ID? = nil,
    isAwaited: Bool = false, hold: MemoryHold = .none
  ) -> JobCommand {
    .addPendingRun(
      Boxed(
        NewPendingRun(
          payload: payload, time: time, by: by, of: of, isAwaited: isAwaited, hold: hold)))
  }

  /// Adds a pending run; it gets the job's own arguments if these are nil.
  public static func enqueue(
    _ arguments: Value, at time: EnqueueTime, hold: MemoryHold = .none
  ) -> JobCommand {
    .enqueue(
      arguments.isNil ? PendingRun.Payload.none : .arguments(arguments), at: time, hold: hold)
  }

  public static func reschedule(_ trigger: JobTrigger, hold: MemoryHold = .none) -> JobCommand {
    .setTrigger(Boxed(NewTrigger(trigger: trigger, hold: hold)))
  }
}

/// The earliest time at which a pending run starts.
public enum EnqueueTime: Sendable, Hashable {
  case now
  /// A number of nanoseconds from now.
  case after(Int64)
  case at(Timestamp)
}

/// The core's answer to a command.
public enum JobAnswer: Sendable {
  case done
  /// The id of the pending run.
  case run(Run.ID)
  /// How an awaited run has ended, for good: it is not tried again. Comes after ``run(_:)``, as a second answer.
  case ended(Run.Outcome)
  case status(JobStatus)
  case times([Timestamp])
  case jobs([JobSnapshot])
  /// The core refuses the command, with a reason and a code: `gone`, `full`, `stopping`, `cancelled` or a code of the store.
  case refused(String, code: String)
}

/// A job as the core has it at one moment.
public struct JobSnapshot: Sendable {
  public var name: String
  public var trigger: JobTrigger
  public var tags: [String]
  public var status: JobStatus
}
