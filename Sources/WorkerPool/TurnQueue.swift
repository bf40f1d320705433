/// Where members wait for their turns.
public protocol TurnQueue: AnyObject, Sendable {
  /// Makes sure that the member gets a turn after now. From any thread.
  func notify(_ member: any PoolMember)

  /// Ends after the turns that are under way, and waits for that. What is queued has no turn any more.
  func stop()

  /// Blocks until no member has a turn or waits for one.
  func waitUntilIdle()
}
