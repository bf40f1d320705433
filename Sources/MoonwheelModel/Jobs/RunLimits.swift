/// How long a run may take, in nanoseconds; the maximum is no limit.
public struct RunLimits: Sendable, Hashable {
  /// Elapsed time until the interrupt.
  public var soft: Int64
  /// Elapsed time until the run is dropped.
  public var hard: Int64
  /// Processor time until the interrupt.
  public var cpu: Int64

  /// What an interrupted run has for its `<close>` variables, unless said otherwise.
  public static let standardGrace: Int64 = 100_000_000

  public init(
    soft: Int64 = 3_600_000_000_000, hard: Int64? = nil, cpu: Int64 = .max
  ) {
    self.soft = soft
    let (sum, overflow) = soft.addingReportingOverflow(Self.standardGrace)
    self.hard = hard ?? (overflow ? .max : sum)
    self.cpu = cpu
  }

  public var grace: Int64 { hard == .max ? Self.standardGrace : hard - soft }
}
