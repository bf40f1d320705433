import MoonwheelModel
import Triggers

/// The events that come to a handler during a run, which the core hands to the worker in advance: when the run ends, the
/// worker starts the next event itself, without a round trip to the core.
///
/// The core keeps each event until a report says that it has begun. A report without ``Dispatch/hasSuccessor`` ends the
/// lease, and what has not begun waits for its turn again. The core never asks how far a worker has come: before an
/// input for which it must know, the driver closes the leases that the input concerns, and says so by
/// ``Input/leasesClosed(_:)``.
public struct Lease: Sendable {
  /// The run that opened it.
  public let id: Run.ID
  public let job: JobID
  public let handler: JobAddress
  private(set) var events: [LeasedEvent] = []
  /// The number of events that have begun, as far as the core knows.
  var begun = 0

  /// The most events of one lease. After them the core writes the job's records and applies its policy.
  static let limit = 256

  init(_ id: Run.ID, of job: JobID, _ generation: GenerationID, _ handle: JobHandle) {
    self.id = id
    self.job = job
    handler = JobAddress(generation: generation, handle: handle)
  }

  /// The events that have not begun.
  var rest: ArraySlice<LeasedEvent> { events[begun...] }

  /// Adds the event of a run. Returns nil, without an effect, if the lease is full.
  mutating func append(_ event: Event, at: Timestamp, _ run: Run.ID) -> LeasedEvent? {
    guard events.count < Self.limit else { return nil }
    let leased = LeasedEvent(lease: id, handler: handler, run: run, event: event, at: at)
    events.append(leased)
    return leased
  }
}

/// An event in a lease.
public struct LeasedEvent: Sendable {
  public let lease: Run.ID
  public let handler: JobAddress
  /// The run of this event.
  public let run: Run.ID
  public let event: Event
  /// The wall time at which the core got the event.
  public let at: Timestamp
}

/// A lease that the driver has closed: its worker starts no more of the events.
public struct ClosedLease: Sendable {
  public let job: JobID
  /// The number of events that had begun. The core may know of fewer.
  public let begun: Int

  public init(job: JobID, begun: Int) {
    self.job = job
    self.begun = begun
  }
}
