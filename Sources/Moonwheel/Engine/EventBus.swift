import MoonwheelCore
import Synchronization

/// Who wants which events. Matching and the bounds of queues happen on the sender's thread, so that `emit` can be
/// refused; what is accepted goes to the timekeeper in the order of acceptance.
final class EventBus: Sendable {
  fileprivate struct Handler {
    var job: JobID
    var script: ScriptID
    var pattern: EventPattern
    var limit: Int
    var pending = 0
  }

  fileprivate struct Waiter {
    var pattern: EventPattern
    var isolate: ScriptIsolate
    var park: ParkID
  }

  fileprivate struct Observer {
    var pattern: EventPattern
    var deliver: @Sendable (Event) -> Void
    /// Called once, when no more events come.
    var end: @Sendable () -> Void
  }

  fileprivate struct State {
    var handlers: [JobID: Handler] = [:]
    var handlerIndex = PatternIndex<JobID>()
    var waiters: [ParkID: Waiter] = [:]
    var waiterIndex = PatternIndex<ParkID>()
    var observers: [UInt64: Observer] = [:]
    var nextObserver: UInt64 = 0
    var isClosed = false
    var refused: UInt64 = 0
    var interest = HostEvent.Interest.none
    var interestVersion: UInt64 = 0
    /// Whether a script or an embedder wants to know how runs end.
    var listensToRuns = false
    var always: EventPattern?
    /// Is told of every event.
    var tap: (@Sendable (Event) -> Void)?
    /// Kinds that a script or an embedder has wanted.
    var audience = HostEvent.Interest.none
  }

  enum Acceptance: Equatable {
    case accepted
    case queueFull
  }

  private let state = Mutex(State())
  private let inbox: Inbox

  /// Host events that match `always` are made even when no script wants them: the log's.
  init(inbox: Inbox, always: EventPattern?) {
    self.inbox = inbox
    state.withLock {
      $0.always = always
      $0.updateInterest()
    }
  }

  var interest: HostEvent.Interest { state.withLock { $0.interest } }
  var listensToRuns: Bool { state.withLock { $0.listensToRuns } }
  var interestVersion: UInt64 { state.withLock { $0.interestVersion } }
  /// How many deliveries were refused because a handler's queue was full.
  var refusedCount: UInt64 { state.withLock { $0.refused } }

  /// Delivers to everybody who has room; those who have none are not held back by those who do. Quietly, the caller rings
  /// the inbox soon.
  @discardableResult
  func publish(_ event: Event, toScripts: Bool = true, quietly: Bool = false) -> Acceptance {
    var woken: [Waiter] = []
    var observers: [@Sendable (Event) -> Void] = []
    var accepted: [JobID] = []
    var isFull = false
    let tap = state.withLock { state in
      if toScripts {
        isFull = state.reserve(for: event, into: &accepted)
        woken = state.takeWaiters(of: event.name)
      }
      for (_, observer) in state.observers where observer.pattern.matches(event.name) {
        observers.append(observer.deliver)
      }
      return state.tap
    }
    // Read once, not by each that looks at it.
    let isLookedAt = tap != nil || !woken.isEmpty || !observers.isEmpty
    let read = isLookedAt ? event.read : event
    tap?(read)
    if !accepted.isEmpty {
      let input = Input.event(event, handlers: accepted)
      if quietly { inbox.postQuietly(input) } else { inbox.post(input) }
    }
    let value = woken.isEmpty ? .nil : read.value
    for waiter in woken { waiter.isolate.wake(waiter.park, .values([value])) }
    for deliver in observers { deliver(read) }
    return isFull ? .queueFull : .accepted
  }

  /// Tells of every event as it is published, before those who handle it.
  func tap(_ deliver: @escaping @Sendable (Event) -> Void) { state.withLock { $0.tap = deliver } }

  /// Whether anybody but the log may want events of a kind.
  func hasAudience(for kind: HostEvent.Kind) -> Bool {
    state.withLock { $0.audience.contains(kind) }
  }

  func apply(_ change: Subscription) {
    switch change {
    case .subscribe(let job, let script, let pattern, let queue):
      subscribe(job, of: script, to: pattern, queue: queue)
    case .unsubscribe(let job): unsubscribe(job)
    }
  }

  func subscribe(_ job: JobID, of script: ScriptID, to pattern: EventPattern, queue: Int) {
    state.withLock { state in
      let before = state.handlers[job]
      let pending = before?.pending ?? 0
      if before?.pattern != pattern {
        if let before { state.handlerIndex.remove(job, before.pattern) }
        state.handlerIndex.insert(job, pattern)
      }
      state.handlers[job] = Handler(
        job: job, script: script, pattern: pattern, limit: queue, pending: pending)
      state.updateInterest(adding: pattern)
    }
  }

  func unsubscribe(_ job: JobID) {
    state.withLock { state in
      guard let handler = state.handlers.removeValue(forKey: job) else { return }
      state.handlerIndex.remove(job, handler.pattern)
    }
  }

  /// Events have left the queues of these handlers.
  func taken(_ jobs: [JobID]) {
    guard !jobs.isEmpty else { return }
    state.withLock { state in
      for job in jobs {
        guard let pending = state.handlers[job]?.pending, pending > 0 else { continue }
        state.handlers[job]?.pending = pending - 1
      }
    }
  }

  func wait(_ park: ParkID, for pattern: EventPattern, in isolate: ScriptIsolate) {
    state.withLock { state in
      state.waiters[park] = Waiter(pattern: pattern, isolate: isolate, park: park)
      state.waiterIndex.insert(park, pattern)
      state.updateInterest(adding: pattern)
    }
  }

  /// How many waits for events there are. For tests.
  var waiterCount: Int { state.withLock { $0.waiters.count } }

  /// Forgets waits that ended otherwise, if they are waits for events.
  func stopWaiting(_ parks: [ParkID]) {
    state.withLock { state in
      guard !state.waiters.isEmpty else { return }
      for park in parks { _ = state.takeWaiter(park) }
    }
  }

  func observe(
    _ pattern: EventPattern, deliver: @escaping @Sendable (Event) -> Void,
    end: @escaping @Sendable () -> Void = {}
  ) -> UInt64 {
    let (number, isClosed) = state.withLock { state in
      state.nextObserver += 1
      guard !state.isClosed else { return (state.nextObserver, true) }
      state.observers[state.nextObserver] = Observer(pattern: pattern, deliver: deliver, end: end)
      state.updateInterest(adding: pattern)
      return (state.nextObserver, false)
    }
    if isClosed { end() }
    return number
  }

  /// The host has stopped: tells the observers that no more events come.
  func close() {
    let observers = state.withLock { state in
      state.isClosed = true
      state.waiters = [:]
      defer { state.observers = [:] }
      return state.observers.sorted { $0.key < $1.key }.map(\.value)
    }
    for observer in observers { observer.end() }
  }

  func stopObserving(_ observer: UInt64) {
    state.withLock { _ = $0.observers.removeValue(forKey: observer) }
  }
}

extension EventBus.State {
  /// Counts the event in each matching handler's queue that has room; whether one had none.
  fileprivate mutating func reserve(for event: Event, into accepted: inout [JobID]) -> Bool {
    var isFull = false
    for job in handlerIndex.keys(matching: event.name) {
      guard let handler = handlers[job] else { continue }
      guard handler.pending < handler.limit else {
        isFull = true
        refused += 1
        continue
      }
      handlers[job]?.pending += 1
      accepted.append(job)
    }
    return isFull
  }

  fileprivate mutating func takeWaiters(of name: String) -> [EventBus.Waiter] {
    guard !waiters.isEmpty else { return [] }
    return waiterIndex.keys(matching: name).compactMap { takeWaiter($0) }
  }

  fileprivate mutating func takeWaiter(_ park: ParkID) -> EventBus.Waiter? {
    guard let waiter = waiters.removeValue(forKey: park) else { return nil }
    waiterIndex.remove(park, waiter.pattern)
    return waiter
  }

  private static func isAboutRuns(_ pattern: EventPattern) -> Bool {
    HostEvent.Kind.allCases.contains {
      ($0.name.hasPrefix("run.") || $0 == .jobFinished) && pattern.matches($0.name)
    }
  }

  /// Only grows: a kind that somebody wanted once goes on being made.
  fileprivate mutating func updateInterest(adding pattern: EventPattern? = nil) {
    let old = interest
    let always = always
    interest = HostEvent.Interest { kind in
      old.contains(kind) || always?.matches(kind.name) == true
        || pattern?.matches(kind.name) == true
    }
    if let pattern {
      let former = audience
      audience = HostEvent.Interest { former.contains($0) || pattern.matches($0.name) }
    }
    let listens = listensToRuns || pattern.map(Self.isAboutRuns) ?? false
    if interest != old || listens != listensToRuns { interestVersion += 1 }
    listensToRuns = listens
  }
}
