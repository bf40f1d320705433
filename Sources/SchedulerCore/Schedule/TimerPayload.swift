import TimerWheel

/// What a timer of the core is for. The wheel keeps it as a number: two bits say which case it is, the other 62 are the
/// index.
enum TimerPayload {
  /// A job.
  case job(JobIndex)
  /// A slot of ``SchedulerCore/parks``.
  case park(Int)
  /// A slot of ``SchedulerCore/delays``.
  case delay(Int)
  /// The next write of sums.
  case summaries

  private static let shift: UInt64 = 62
  private static let mask: UInt64 = (1 << shift) - 1

  @inline(__always)
  init(rawValue: UInt64) {
    let index = Int(rawValue & Self.mask)
    switch rawValue >> Self.shift {
    case 0: self = .job(JobIndex(index))
    case 1: self = .park(index)
    case 2: self = .delay(index)
    default: self = .summaries
    }
  }

  var rawValue: UInt64 {
    switch self {
    case .job(let index): UInt64(index.rawValue)
    case .park(let slot): 1 << Self.shift | UInt64(slot)
    case .delay(let slot): 2 << Self.shift | UInt64(slot)
    case .summaries: 3 << Self.shift
    }
  }
}

extension TimerWheel {
  @inline(__always)
  mutating func insert(deadline: Tick, _ payload: TimerPayload) -> TimerID {
    insert(deadline: deadline, payload: payload.rawValue)
  }
}
