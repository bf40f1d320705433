import MoonwheelModel

/// Why a run was interrupted, or torn out.
public enum EndCause: Sendable, Hashable {
  /// By the limits of its turn, or by the host.
  case limits
  /// ``IsolateHost/isCancelled(_:run:)`` said so.
  case cancellation
  /// It was in one function of C for ``IsolateLimits/stall``.
  case stuckInC
  /// It could not be preempted for ``IsolateLimits/stallInLua``.
  case stuckInLua
}

/// How far a coroutine came.
public enum IsolateOutcome: Sendable {
  case finished(Value)
  /// With `return cancel`.
  case cancelled
  /// Its `when` said no.
  case declined
  /// Waits for `resume`.
  case parked(UInt32)
  case failed(RunFailure)
  /// Could not be started.
  case refused(String)
  /// Its slice is over; `continue` goes on there. The traceback is empty but after the interrupt.
  case preempted(UInt32, traceback: String)
  /// Ended by the interrupt; the traceback is of where it was.
  case interrupted(traceback: String)
  /// Torn out of Lua: the isolate is dead, and is only to be let go.
  case evicted(reason: String, traceback: String)
}
