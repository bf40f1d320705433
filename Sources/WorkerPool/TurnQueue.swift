/// A queue of members that wait for their turns.
public protocol TurnQueue: AnyObject, Sendable {
  /// Makes sure that the member gets a turn that begins after this call. Any thread.
  func notify(_ member: any PoolMember)

  /// Waits for the turns under way, until a monotonic time at most. Members that wait get no turn any more.
  ///
  /// - Returns: whether all turns have ended.
  @discardableResult
  func stop(until deadline: Int64) -> Bool

  /// Blocks until no member has a turn or waits for one.
  func waitUntilIdle()
}

extension TurnQueue {
  /// Waits for the turns under way, however long they last.
  public func stop() { stop(until: .max) }
}
