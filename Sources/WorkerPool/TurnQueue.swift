/// Where members wait for their turns.
public protocol TurnQueue: AnyObject, Sendable {
  /// Makes sure that the member gets a turn after now. From any thread.
  func notify(_ member: any PoolMember)

  /// Ends after the turns that are under way, and waits for that, until a monotonic time at most. What is queued has no turn
  /// any more. Answers whether all turns have ended.
  @discardableResult
  func stop(until deadline: Int64) -> Bool

  /// Blocks until no member has a turn or waits for one.
  func waitUntilIdle()
}

extension TurnQueue {
  /// Waits as long as it takes.
  public func stop() { stop(until: .max) }
}
