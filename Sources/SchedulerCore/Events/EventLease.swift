import MoonwheelModel
import Triggers

/// Events that the core hands to the worker of one handler in advance: when a run ends, the worker starts the next event
/// itself, without a round trip to the core.
///
/// The core fills a lease and may revoke what has not begun; one run of the lease is under way while it is open. Worker and
/// core call it from different threads at once, so whoever implements it brings the lock: the core itself has none.
public protocol EventLease: AnyObject, Sendable {
  /// Begins anew, empty, with room for so many events.
  func open(room: Int)
  /// Adds an event. False, and nothing has happened, where the lease has ended or has no room left.
  func append(_ event: @autoclosure () -> LeasedEvent) -> Bool
  /// How many events wait in it.
  var count: Int { get }
  /// Takes out the next event, which begins now. With nil the lease has ended.
  func next() -> LeasedEvent?
  /// Ends the lease; returns the events that have not begun.
  func close() -> ArraySlice<LeasedEvent>
}

/// An event that waits in a lease, and the run that it will be.
public struct LeasedEvent: Sendable {
  public var run: Run.ID
  public var event: Event
  /// Wall time at which it came.
  public var at: Timestamp
}
