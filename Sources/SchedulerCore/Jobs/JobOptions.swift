import MoonwheelModel

/// What a fire or a run must look at beside the schedule: options of the job's policy, and the clock of its instants. Most
/// jobs have none.
struct JobOptions: OptionSet {
  var rawValue: UInt8

  /// `args`.
  static let arguments = JobOptions(rawValue: 1)
  /// Some instants do not count, or fires are delayed: `from`, `till`, `times` and `jitter`.
  static let window = JobOptions(rawValue: 2)
  static let grace = JobOptions(rawValue: 4)
  /// Something follows the end of a run: `on_success` and the like, and `ping`.
  static let hooks = JobOptions(rawValue: 8)
  /// Runs may have to be started again: `retry` and `restart`.
  static let tracking = JobOptions(rawValue: 16)
  /// The instants are wall times; else they are elapsed times. See ``Schedule/isOnWallTime``, which takes longer to tell.
  static let wallTime = JobOptions(rawValue: 32)
}

extension JobOptions {
  init(_ policy: JobPolicy) {
    self = []
    if !policy.arguments.isNil { insert(.arguments) }
    if !policy.window.isOpen { insert(.window) }
    if policy.grace != nil { insert(.grace) }
    if !policy.hooks.isEmpty || policy.ping != nil { insert(.hooks) }
    if policy.retry != nil || policy.restart == true { insert(.tracking) }
  }
}
