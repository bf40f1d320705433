import MoonwheelModel
import Triggers

/// A request to a trigger function for the next fire of its job.
public struct NextFireRequest: Sendable, Hashable {
  public var generation: GenerationID
  public var job: JobID
  public var handle: JobHandle
  public var callback: CallbackID
  /// The next fire must be later than this.
  public var after: Timestamp
  /// Requests count up.
  public var number: UInt32

  public init(
    generation: GenerationID, job: JobID, handle: JobHandle, callback: CallbackID,
    after: Timestamp, number: UInt32
  ) {
    self.generation = generation
    self.job = job
    self.handle = handle
    self.callback = callback
    self.after = after
    self.number = number
  }
}

/// The answer of a trigger function: an instant, nil for no further fire, or an error.
public struct NextFireAnswer: Sendable {
  public var job: JobID
  public var number: UInt32
  public var next: Result<Timestamp?, RunFailure>

  public init(_ request: NextFireRequest, _ next: Result<Timestamp?, RunFailure>) {
    job = request.job
    number = request.number
    self.next = next
  }
}
