/// One job as a script registers it.
public struct Registration: Sendable {
  public var handle: JobHandle
  /// Given by the script, or derived from the trigger and the order of registration.
  public let name: String
  public var trigger: JobTrigger
  public var policy: SharedPolicy
  public var callback: CallbackID
  /// The line in the script, from 1; 0 is unknown.
  public var line: Int32
  /// True if a callback registered the job. The job is removed when it has ended, and with its generation.
  public var isDynamic: Bool
  /// True if the script gave the name.
  public var isNamed: Bool

  public init(
    handle: JobHandle, name: String, trigger: JobTrigger, policy: SharedPolicy,
    callback: CallbackID, line: Int32, isDynamic: Bool, isNamed: Bool = true
  ) {
    self.handle = handle
    self.name = name
    self.trigger = trigger
    self.policy = policy
    self.callback = callback
    self.line = line
    self.isDynamic = isDynamic
    self.isNamed = isNamed
  }
}
