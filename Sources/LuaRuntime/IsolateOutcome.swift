import MoonwheelModel

/// Why a run was interrupted or evicted.
public enum EndCause: Sendable, Hashable {
  /// The limits of its turn, or the host.
  case limits
  /// ``IsolateHost/isCancelled(_:run:)`` returned true.
  case cancellation
  /// It spent ``IsolateLimits/stall`` in one C function.
  case stuckInC
  /// It could not be preempted for ``IsolateLimits/stallInLua``.
  case stuckInLua
  /// In a simulated isolate: its turns took too much real time.
  case realTime
}

/// The outcome of a turn of a coroutine.
public enum IsolateOutcome: Sendable {
  case finished(Value)
  /// The callback ended with `return cancel`.
  case cancelled
  /// Its `when` function did not return true.
  case declined
  /// The coroutine waits, for this many nanoseconds from the end of the turn; nil is for the host.
  case parked(UInt32, length: Int64?)
  case failed(RunFailure)
  /// The run could not be started.
  case refused(String)
  /// Its slice is over; ``RunBatch/continue(_:_:)`` resumes it. The traceback is empty unless the run was interrupted before.
  case preempted(UInt32, traceback: String)
  /// The interrupt ended the run; the traceback shows where it was raised.
  case interrupted(traceback: String)
  /// The run's thread jumped out of Lua. The isolate is dead: its owner can only release it.
  case evicted(reason: String, traceback: String)
}
