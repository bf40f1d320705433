/// What the store keeps of the jobs of a script that is gone, until a script has them again.
public struct KeptJobs: Sendable, Hashable {
  public var script: String
  public var jobs: Int
  /// How many of them have a `run.state`.
  public var states = 0
  /// How many of them somebody has paused or cancelled.
  public var held = 0
  public var promises: Int
  /// The script that has taken it over; nil if none has.
  public var heir: String?

  /// True if more than history is kept.
  var isWorthTelling: Bool { states + held + promises > 0 }
}
