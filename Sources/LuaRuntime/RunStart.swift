import CLuaBridge
import MoonwheelModel

/// The start of a run: the fields of its `run` object and its other arguments. Times are seconds since the epoch.
public struct RunStart: Sendable {
  public enum Payload: Sendable {
    case none
    case arguments(Value)
    case event(Event)
    /// Events that a handler has gathered.
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
  /// The argument for ``IsolateHost/isCancelled(_:run:)``.
  public var cancellationKey: UInt32
  public var number: Int64
  public var attempt: Int
  public var scheduledAt: Double
  public var firedAt: Double
  public var payload: Payload
  /// `run.state`; a table.
  public var state: Value?
  /// A hook's argument after the run.
  public var value: Value?
  /// Called first, with the run; the callback is called only if it returns true.
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
