import MoonwheelModel
import Triggers

/// What a function of a script is asked: when its job fires next.
public struct NextFireRequest: Sendable, Hashable {
  public var generation: GenerationID
  public var job: JobID
  public var handle: JobHandle
  public var callback: CallbackID
  /// The answer is to be later than this.
  public var after: Timestamp
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

/// What it answered: an instant, nil for never again, or what went wrong.
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
