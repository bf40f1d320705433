/// A call that changes the core, as a value. Equal calls with equal readings of the clocks have equal effects.
public enum CoreCall: Sendable {
  case input(Input)
  case reports(RunEnds)
  /// See ``SchedulerCore/advance(to:into:atMost:)``.
  case advance(atMost: Int)
}

extension CoreCall {
  /// Makes the call. Returns true if more may be due.
  public func make(
    on core: inout SchedulerCore, at reading: ClockReading, into effects: inout Effects
  ) -> Bool {
    switch self {
    case .input(let input): core.handle(input, at: reading, into: &effects)
    case .reports(let reports): core.handle(reports, at: reading, into: &effects)
    case .advance(let count): return core.advance(to: reading, into: &effects, atMost: count)
    }
    return false
  }
}
