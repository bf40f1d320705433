import Synchronization

/// One worker's turn, as the watchdog sees it.
final class TurnSlot: Sendable {
  /// Monotonic time at which the turn began; 0 between turns.
  let began = Atomic<Int64>(0)
  /// Whether the turn has ignored requests to end for long, so that another thread may have taken the worker's place.
  let isStuck = Atomic<Bool>(false)
}
