import MoonwheelModel
import Triggers

/// A job by the handle that its generation holds.
public struct JobAddress: Sendable, Hashable {
  public var generation: GenerationID
  public var handle: JobHandle

  public init(generation: GenerationID, handle: JobHandle) {
    self.generation = generation
    self.handle = handle
  }
}

public enum JobCommand: Sendable {
  case pause(reason: String?)
  case resume
  /// Ends the job, and its runs under way but for the one that asks.
  case cancel(by: Run.ID?)
  /// Promise a run with these arguments, not before a time; nil is now.
  case enqueue(Value, at: EnqueueTime)
  /// Gives the job another trigger, until it is loaded again.
  case reschedule(JobTrigger)
  /// The next fires, so many at most.
  case next(Int)
  case status
}

/// When a promised run is to start.
public enum EnqueueTime: Sendable, Hashable {
  case now
  /// So many nanoseconds from now.
  case after(Int64)
  case at(Timestamp)
}

/// What the core answers to a command.
public enum JobAnswer: Sendable {
  case done
  case run(Run.ID)
  case status(JobStatus)
  case times([Timestamp])
  /// No such job, or a full queue.
  case refused(String, code: String)
}
