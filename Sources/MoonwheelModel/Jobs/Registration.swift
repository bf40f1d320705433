import Triggers

/// What a script says of one job.
public struct Registration: Sendable {
  public var handle: JobHandle
  /// Given by the script, or derived from trigger and order.
  public let name: String
  public var trigger: JobTrigger
  public var policy: SharedPolicy
  public var callback: CallbackID
  /// Where in the script, counted from 1; 0 is unknown.
  public var line: Int32
  /// Registered by a callback: gone with its generation, and when it has ended.
  public var isDynamic: Bool
  /// The script gave the name.
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
