import MoonwheelModel
import Triggers

/// A change of the subscriptions to events. The order of changes matters.
public enum Subscription: Sendable {
  /// Adds a handler, or changes the pattern and the bound of the queue of one that is subscribed.
  case subscribe(JobID, ScriptID, EventPattern, queue: Int)
  case unsubscribe(JobID)
}

/// Runs under way of a job that must be interrupted.
public struct Cancellation: Sendable, Hashable {
  public var script: ScriptID
  public var job: JobID
  /// The only run that is meant; nil for all runs of the job.
  public var only: Run.ID?
  /// A run that goes on: the one that asks.
  public var except: Run.ID?
  public var reason = "the job was cancelled"
}

/// A step of the wall clock.
public struct ClockStep: Sendable, Hashable {
  /// The step in nanoseconds: a second or more, forward or back.
  public var by: Int64
  /// True if no host ran when the clock was set: the store was ahead of the clock at the start.
  public var wasDown = false
}

/// The work for the driver. The driver keeps the value and empties it after each use, which saves allocations.
public struct Effects: Sendable {
  /// Runs that start now.
  public var dispatches: [Dispatch] = []
  /// Events for leases that are open, or that one of the dispatches opens.
  public var leased: [LeasedEvent] = []
  /// Parked coroutines that are due.
  public var wakes: [ParkID] = []
  /// Generations that no script uses and whose last run has ended.
  public var closes: [GenerationID] = []
  /// Events to publish.
  public var events: [HostEvent] = []
  /// Changes for the event bus, in order.
  public var subscriptions: [Subscription] = []
  /// The handlers whose queues an event has left, once for each event.
  public var dequeued: [JobID] = []
  /// Runs under way that must be interrupted.
  public var cancels: [Cancellation] = []
  /// Jobs registered by callbacks that have ended, so that the isolate can release their functions.
  public var releases: [(GenerationID, JobHandle, CallbackID)] = []
  /// Answers to commands of parked coroutines.
  public var answers: [(ParkID, JobAnswer)] = []
  /// Answers to ``Input/named(_:name:_:request:)``.
  public var namedAnswers: [(request: UInt64, JobAnswer)] = []
  public var clockSteps: [ClockStep] = []
  /// What is kept of scripts that are gone.
  public var kept: [KeptJobs] = []
  /// True if the core is draining and its last run has ended.
  public var isDrained = false
  /// The attempts of runs that have ended.
  package var ended = RunCounts()
  /// Runs that have succeeded, which others are told of.
  package var pings: [Ping] = []
  /// Requests to trigger functions.
  public var requests: [NextFireRequest] = []
  /// Changes for the store, in order.
  public var writes: [StoreWrite] = []

  public init() {}

  /// Arrays that have grown beyond this capacity are freed.
  private static let keptCapacity = 4_096

  /// Empties everything except `writes`.
  public mutating func removeAllButWrites() {
    dispatches.removeAll(keepingCapacity: dispatches.capacity <= Self.keptCapacity)
    leased.removeAll(keepingCapacity: leased.capacity <= Self.keptCapacity)
    wakes.removeAll(keepingCapacity: wakes.capacity <= Self.keptCapacity)
    closes.removeAll(keepingCapacity: true)
    events.removeAll(keepingCapacity: true)
    subscriptions.removeAll(keepingCapacity: true)
    dequeued.removeAll(keepingCapacity: dequeued.capacity <= Self.keptCapacity)
    cancels.removeAll(keepingCapacity: true)
    releases.removeAll(keepingCapacity: releases.capacity <= Self.keptCapacity)
    answers.removeAll(keepingCapacity: true)
    namedAnswers.removeAll(keepingCapacity: true)
    clockSteps.removeAll(keepingCapacity: true)
    kept.removeAll()
    isDrained = false
    ended = RunCounts()
    pings.removeAll()
    requests.removeAll(keepingCapacity: true)
  }

  /// Adds effects that come after these.
  public mutating func append(_ later: Effects) {
    dispatches += later.dispatches
    leased += later.leased
    wakes += later.wakes
    closes += later.closes
    events += later.events
    subscriptions += later.subscriptions
    dequeued += later.dequeued
    cancels += later.cancels
    releases += later.releases
    answers += later.answers
    namedAnswers += later.namedAnswers
    clockSteps += later.clockSteps
    kept += later.kept
    isDrained = isDrained || later.isDrained
    ended.add(later.ended)
    pings += later.pings
    requests += later.requests
    writes += later.writes
  }

  public mutating func removeWrites() {
    writes.removeAll(keepingCapacity: writes.capacity <= Self.keptCapacity)
  }

  public mutating func removeAll() {
    removeAllButWrites()
    removeWrites()
  }
}
