/// What test support needs of a running scheduler.
extension Scheduler {
  /// Blocks until nothing is under way: no run on a worker, nothing due by the clock as it stands, nothing in a queue.
  /// Runs that wait are left waiting.
  public func settle() {
    while true {
      let before = engine.inbox.waitUntilQuiet()
      engine.pool.waitUntilIdle()
      _ = engine.inbox.waitUntilQuiet()
      if engine.inbox.posted == before { return }
    }
  }

  /// When something is due next, in nanoseconds of elapsed time; may be early, never late. After ``settle()``.
  public var nextDeadline: Int64? { engine.inbox.wakesAt }
}
