import MoonwheelModel
import Triggers

/// Events that the core hands to the worker of one handler in advance: when a run ends, the worker starts the next
/// event itself, without a round trip to the core.
///
/// The core fills a lease and may revoke events that have not begun. One run of the lease is under way while it is
/// open. The worker and the core may call a lease from different threads at once. The core has no lock, so the
/// implementation must have one.
public protocol EventLease: AnyObject, Sendable {
  /// Empties and reopens the lease, with room for `room` events.
  func open(room: Int)
  /// Adds an event. Returns false, without an effect, if the lease has ended or has no room.
  func append(_ event: @autoclosure () -> LeasedEvent) -> Bool
  /// The number of events that have not begun.
  var count: Int { get }
  /// Removes and returns the next event, which begins now. Ends the lease and returns nil if there is none.
  func next() -> LeasedEvent?
  /// Ends the lease; returns the events that have not begun.
  func close() -> ArraySlice<LeasedEvent>
}

/// An event in a lease, with the id of its run.
public struct LeasedEvent: Sendable {
  public var run: Run.ID
  public var event: Event
  /// The wall time at which the core got the event.
  public var at: Timestamp
}
