import CLuaBridge
import MoonwheelCore

/// What a callback sees as its `run`. Times are seconds since the epoch.
public struct RunStart: Sendable {
  public enum Payload: Sendable {
    case none
    case arguments(Value)
    case event(Event)
    /// Those that a handler has gathered.
    case events([Event])

    var flag: UInt32 {
      switch self {
      case .none: 0
      case .arguments: MW_PAYLOAD_ARGUMENTS.rawValue
      case .event, .events: MW_PAYLOAD_EVENT.rawValue
      }
    }
  }

  public var run: Run.ID
  public var job: JobHandle
  /// By which ``IsolateHost/isCancelled(_:run:)`` is asked.
  public var cancellationKey: UInt32
  public var number: Int64
  public var attempt: Int
  public var scheduledAt: Double
  public var firedAt: Double
  public var payload: Payload
  /// `run.state`; a table.
  public var state: Value?
  /// What is passed after the run: to a hook.
  public var value: Value?
  /// Called with the run first: unless it answers true, the callback is not called.
  public var when: CallbackID?

  public init(
    run: Run.ID, job: JobHandle, cancellationKey: UInt32 = 0, number: Int64, attempt: Int,
    scheduledAt: Double, firedAt: Double,
    payload: Payload, state: Value? = nil, value: Value? = nil, when: CallbackID? = nil
  ) {
    self.run = run
    self.job = job
    self.cancellationKey = cancellationKey
    self.number = number
    self.attempt = attempt
    self.scheduledAt = scheduledAt
    self.firedAt = firedAt
    self.payload = payload
    self.state = state
    self.value = value
    self.when = when
  }
}
