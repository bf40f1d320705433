/// The time limits of a run, in nanoseconds; `.max` is no limit.
public struct RunLimits: Sendable, Hashable {
  /// The elapsed time until the interrupt.
  public var soft: Int64
  /// The elapsed time until the run is dropped.
  public var hard: Int64
  /// The processor time until the interrupt.
  public var cpu: Int64

  /// The default time that an interrupted run has for its `<close>` variables.
  public static let standardGrace: Int64 = 100_000_000

  public init(
    soft: Int64 = 3_600_000_000_000, hard: Int64? = nil, cpu: Int64 = .max
  ) {
    self.soft = soft
    let (sum, overflow) = soft.addingReportingOverflow(Self.standardGrace)
    self.hard = hard ?? (overflow ? .max : sum)
    self.cpu = cpu
  }

  /// The time that an interrupted run has for its `<close>` variables.
  public var grace: Int64 { hard == .max ? Self.standardGrace : hard - soft }
}
