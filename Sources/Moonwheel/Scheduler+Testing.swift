import MoonwheelModel

/// What test support needs of a running scheduler.
extension Scheduler {
  /// Blocks until nothing is under way: no run on a worker, nothing due by the clock as it stands, nothing in a queue.
  /// Runs that wait are left waiting. Where something is always under way, it blocks for good.
  public func settle() {
    while true {
      let before = environment.inbox.waitUntilIdle()
      environment.pool.waitUntilIdle()
      environment.writer?.waitUntilIdle()
      _ = environment.inbox.waitUntilIdle()
      if environment.inbox.posted == before { return }
    }
  }

  /// When something is due next, in nanoseconds of elapsed time; may be early, never late. After ``settle()``.
  public var nextDeadline: Int64? { environment.inbox.wakesAt }

  /// How many Lua states there are: one for each script, those of older generations whose runs are under way, and one for
  /// each run that has its own.
  public var isolateCount: Int { environment.liveIsolates.load(ordering: .relaxed) }

  /// Calls back with each event that matches, at once, on the thread that published it, which may be a worker or hold up all
  /// workers: it must not block.
  public func observe(
    _ pattern: String, _ deliver: @escaping @Sendable (Event) -> Void
  ) throws(PatternError) {
    _ = environment.bus.observe(try EventPattern(pattern), deliver: deliver)
  }
}
