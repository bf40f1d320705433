import MoonwheelModel

/// For test support.
extension Scheduler {
  /// Blocks until the scheduler is idle: no run is on a worker, nothing is due at the present time of its clock, and
  /// its queues are empty. Runs that wait go on waiting. Never returns if something is always under way.
  package func waitUntilIdle() {
    while true {
      let before = environment.inbox.waitUntilIdle()
      let (calls, commands) = (timekeeper.outbox.count, environment.writer?.keyCommandCount)
      timekeeper.outbox.waitUntilIdle()
      environment.pool.waitUntilIdle()
      environment.writer?.waitUntilIdle()
      environment.pool.waitUntilIdle()  // for the answers to queries
      _ = environment.inbox.waitUntilIdle()
      if environment.inbox.posted == before, timekeeper.outbox.count == calls,
        environment.writer?.keyCommandCount == commands
      {
        return
      }
    }
  }

  /// The elapsed time in nanoseconds at which something is due next; may be early, never late. Valid after
  /// ``waitUntilIdle()``.
  package var nextDeadline: Int64? { environment.inbox.wakesAt }

  /// How many Lua states there are: one for each script, one for each older generation with runs under way, and one for
  /// each run with a private isolate.
  package var isolateCount: Int { environment.liveIsolates.load(ordering: .relaxed) }

  /// Calls `deliver` with each event that matches. An event of a script comes on the script's worker, which waits for
  /// the return; an event of the host comes on a thread of its own.
  package func observe(
    _ pattern: String, _ deliver: @escaping @Sendable (Event) -> Void
  ) throws(PatternError) {
    _ = environment.bus.observe(try EventPattern(pattern), deliver: deliver)
  }
}
