import MoonwheelModel
import Triggers

/// A change of who wants which events; the order matters.
public enum Subscription: Sendable {
  /// Also for a handler that is subscribed already: the bound of its queue may be another.
  case subscribe(JobID, ScriptID, EventPattern, queue: Int)
  case unsubscribe(JobID)
}

/// The wall clock was set.
public struct ClockStep: Sendable, Hashable {
  /// By how many nanoseconds: a second or more.
  public var by: Int64
  /// No host ran then: what is stored was ahead of the clock at the start.
  public var wasDown = false
}

/// What the driver is to do. Kept and emptied between uses, so that it stops allocating.
public struct Effects: Sendable {
  public var dispatches: [Dispatch] = []
  /// Parked coroutines whose deadline has come.
  public var wakes: [ParkID] = []
  /// Generations whose last run has ended and that no script uses.
  public var closes: [GenerationID] = []
  public var events: [HostEvent] = []
  /// Changes of what the event bus knows, to be made in this order.
  public var subscriptions: [Subscription] = []
  /// Events that have left a handler's queue.
  public var dequeued: [JobID] = []
  /// Jobs whose runs under way are to be ended, but for the run that asked.
  public var cancels: [(ScriptID, JobID, except: Run.ID?)] = []
  /// Jobs of callbacks that have ended: their functions can be let go.
  public var releases: [(GenerationID, JobHandle, CallbackID)] = []
  public var answers: [(ParkID, JobAnswer)] = []
  public var namedAnswers: [(request: UInt64, JobAnswer)] = []
  public var clockSteps: [ClockStep] = []
  public var isDrained = false
  /// Functions that are to say when their jobs fire next.
  public var requests: [NextFireRequest] = []
  /// Changes for the store, in order.
  public var writes: [StoreWrite] = []

  public init() {}

  /// The storage of a larger burst is given back.
  private static let keptCapacity = 4_096

  /// All but the changes for the store.
  public mutating func removeAllButWrites() {
    dispatches.removeAll(keepingCapacity: dispatches.capacity <= Self.keptCapacity)
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
    isDrained = false
    requests.removeAll(keepingCapacity: true)
  }

  public mutating func removeWrites() {
    writes.removeAll(keepingCapacity: writes.capacity <= Self.keptCapacity)
  }

  public mutating func removeAll() {
    removeAllButWrites()
    removeWrites()
  }
}
