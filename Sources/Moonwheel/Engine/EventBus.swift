import MoonwheelModel
import SchedulerCore
import Synchronization

/// Who wants which events. Matching and the bounds of queues happen on the sender's thread, so that `emit` can be
/// refused; what is accepted goes to the timekeeper in the order of acceptance.
final class EventBus: Sendable {
  fileprivate struct Handler {
    var script: ScriptID
    var pattern: EventPattern
    var queue: HandlerQueue
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
    /// Of the waits of each script that has some for patterns.
    var waitQuotas: [ScriptID: PatternQuota] = [:]
    var observers: [UInt64: Observer] = [:]
    var nextObserver: UInt64 = 0
    var isClosed = false
    var interest = HostEvent.Interest.none
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
  /// Grows when there are other handlers.
  private let version = Atomic<UInt64>(0)
  /// Whether others than handlers may want events.
  private let hasListeners = Atomic<Bool>(false)
  private let newInterest = Atomic<UInt64>(0)
  private let refused = Atomic<UInt64>(0)
  private let inbox: Inbox

  /// Host events that match `always` are made even when no script wants them: the log's.
  init(inbox: Inbox, always: EventPattern?) {
    self.inbox = inbox
    change {
      $0.always = always
      return $0.updateInterest()
    }
  }

  /// Changes who wants which events; the body answers whether other kinds are wanted than before.
  private func change(_ body: (inout State) -> Bool) {
    state.withLock { state in
      if body(&state) { newInterest.wrappingAdd(1, ordering: .releasing) }
      noteListeners(state)
    }
  }

  /// To be called with the lock held when somebody has begun to listen, or has ceased to.
  private func noteListeners(_ state: borrowing State) {
    let isHeard = state.tap != nil || !state.waiters.isEmpty || !state.observers.isEmpty
    hasListeners.store(isHeard, ordering: .releasing)
  }

  /// Counts the event in each matching handler's queue that has room; whether one had none.
  private func reserve(
    for event: Event, in state: borrowing State, into accepted: inout [JobID]
  ) -> Bool {
    var isFull = false
    for job in state.handlerIndex.keys(matching: event.name) {
      guard let handler = state.handlers[job] else { continue }
      if handler.queue.reserve() {
        accepted.append(job)
      } else {
        isFull = true
        refused.wrappingAdd(1, ordering: .relaxed)
      }
    }
    return isFull
  }

  var interest: HostEvent.Interest { state.withLock { $0.interest } }
  var listensToRuns: Bool { state.withLock { $0.listensToRuns } }
  /// Grows when other kinds are wanted, or somebody begins to listen to runs.
  var interestVersion: UInt64 { newInterest.load(ordering: .acquiring) }
  /// How many deliveries were refused because a handler's queue was full.
  var refusedCount: UInt64 { refused.load(ordering: .relaxed) }

  /// Who handles a name now.
  func route(of name: String) -> EventRoute {
    state.withLock { state in
      EventRoute(
        name, version: version.load(ordering: .relaxed),
        state.handlerIndex.keys(matching: name).compactMap { state.handlers[$0]?.queue })
    }
  }

  /// Whether a route still tells all who want its events.
  func isCurrent(_ route: EventRoute) -> Bool {
    route.version == version.load(ordering: .acquiring)
  }

  /// The same as ``publish(_:toScripts:isDeferred:)``, quietly, of an event whose route is known.
  func publish(_ event: Event, on route: EventRoute) -> Acceptance {
    guard !hasListeners.load(ordering: .acquiring) else { return publish(event, isDeferred: true) }
    var isFull = false
    var accepted = route.jobs
    for (place, queue) in route.queues.enumerated().reversed() where !queue.reserve() {
      accepted.remove(at: place)
      isFull = true
      refused.wrappingAdd(1, ordering: .relaxed)
    }
    post(event, to: accepted, isDeferred: true)
    return isFull ? .queueFull : .accepted
  }

  /// An event for very many handlers is several inputs, between which the core looks at what is due.
  private static let mostHandlersAtOnce = 256

  private func post(_ event: Event, to handlers: [JobID], isDeferred: Bool) {
    var rest = handlers[...]
    while !rest.isEmpty {
      let part = rest.count <= Self.mostHandlersAtOnce ? rest : rest.prefix(Self.mostHandlersAtOnce)
      rest = rest.dropFirst(part.count)
      let input = Input.event(
        event, handlers: part.count == handlers.count ? handlers : Array(part))
      if isDeferred { inbox.postDeferred(input) } else { inbox.post(input) }
    }
  }

  /// Delivers to everybody who has room; those who have none are not held back by those who do. Quietly, the caller rings
  /// the inbox soon.
  @discardableResult
  func publish(_ event: Event, toScripts: Bool = true, isDeferred: Bool = false) -> Acceptance {
    var woken: [Waiter] = []
    var observers: [@Sendable (Event) -> Void] = []
    var accepted: [JobID] = []
    var isFull = false
    let tap = state.withLock { state in
      if toScripts {
        isFull = reserve(for: event, in: state, into: &accepted)
        woken = state.takeWaiters(of: event.name)
        noteListeners(state)
      }
      for (_, observer) in state.observers where observer.pattern.matches(event.name) {
        observers.append(observer.deliver)
      }
      return state.tap
    }
    // Read once, not by each that looks at it.
    let isLookedAt = tap != nil || !woken.isEmpty || !observers.isEmpty
    let read = isLookedAt ? event.decoded : event
    tap?(read)
    post(event, to: accepted, isDeferred: isDeferred)
    let value = woken.isEmpty ? .nil : read.value
    for waiter in woken { waiter.isolate.wake(waiter.park, .values([value])) }
    for deliver in observers { deliver(read) }
    return isFull ? .queueFull : .accepted
  }

  /// Tells of every event as it is published, before those who handle it.
  func tap(_ deliver: @escaping @Sendable (Event) -> Void) {
    change { state in
      state.tap = deliver
      return false
    }
  }

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
    change { state in
      let before = state.handlers[job]
      let handler = Handler(
        script: script, pattern: pattern, queue: before?.queue ?? HandlerQueue(job, limit: queue))
      handler.queue.limit.store(queue, ordering: .relaxed)
      state.handlers[job] = handler
      guard before?.pattern != pattern else { return false }
      if let before { state.handlerIndex.remove(job, before.pattern) }
      state.handlerIndex.insert(job, pattern)
      version.wrappingAdd(1, ordering: .releasing)
      return state.updateInterest(adding: pattern)
    }
  }

  func unsubscribe(_ job: JobID) {
    state.withLock { state in
      guard let handler = state.handlers.removeValue(forKey: job) else { return }
      state.handlerIndex.remove(job, handler.pattern)
      version.wrappingAdd(1, ordering: .releasing)
    }
  }

  /// Events have left the queues of these handlers.
  func dequeued(_ jobs: [JobID]) {
    guard !jobs.isEmpty else { return }
    state.withLock { state in
      var place = 0
      while place < jobs.count {
        let job = jobs[place]
        let end = jobs[place...].firstIndex { $0 != job } ?? jobs.count
        state.handlers[job]?.queue.release(end - place)
        place = end
      }
    }
  }

  /// Whether a script may wait for a pattern.
  func hasRoom(for pattern: EventPattern, of script: ScriptID) -> Bool {
    pattern.literal != nil
      || state.withLock { $0.waitQuotas[script]?.hasRoom(for: pattern) ?? true }
  }

  func wait(_ park: ParkID, for pattern: EventPattern, in isolate: ScriptIsolate) {
    change { state in
      state.waiters[park] = Waiter(pattern: pattern, isolate: isolate, park: park)
      state.waiterIndex.insert(park, pattern)
      if pattern.literal == nil {
        state.waitQuotas[isolate.script, default: PatternQuota()].add(pattern)
      }
      return state.updateInterest(adding: pattern)
    }
  }

  /// How many waits for events there are. For tests.
  var waiterCount: Int { state.withLock { $0.waiters.count } }

  /// Forgets waits that ended otherwise, if they are waits for events.
  func stopWaiting(_ parks: [ParkID]) {
    state.withLock { state in
      guard !state.waiters.isEmpty else { return }
      for park in parks { _ = state.takeWaiter(park) }
      noteListeners(state)
    }
  }

  func observe(
    _ pattern: EventPattern, deliver: @escaping @Sendable (Event) -> Void,
    end: @escaping @Sendable () -> Void = {}
  ) -> UInt64 {
    var number: UInt64 = 0
    var isClosed = false
    change { state in
      state.nextObserver += 1
      number = state.nextObserver
      isClosed = state.isClosed
      guard !isClosed else { return false }
      state.observers[number] = Observer(pattern: pattern, deliver: deliver, end: end)
      return state.updateInterest(adding: pattern)
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
    change { state in
      state.observers[observer] = nil
      return false
    }
  }
}

extension EventBus.State {
  fileprivate mutating func takeWaiters(of name: String) -> [EventBus.Waiter] {
    guard !waiters.isEmpty else { return [] }
    return waiterIndex.keys(matching: name).compactMap { takeWaiter($0) }
  }

  fileprivate mutating func takeWaiter(_ park: ParkID) -> EventBus.Waiter? {
    guard let waiter = waiters.removeValue(forKey: park) else { return nil }
    waiterIndex.remove(park, waiter.pattern)
    if waiter.pattern.literal == nil {
      waitQuotas[waiter.isolate.script]?.remove(waiter.pattern)
      if waitQuotas[waiter.isolate.script]?.isEmpty == true {
        waitQuotas[waiter.isolate.script] = nil
      }
    }
    return waiter
  }

  private static func isAboutRuns(_ pattern: EventPattern) -> Bool {
    HostEvent.Kind.allCases.contains {
      ($0.name.hasPrefix("run.") || $0 == .jobFinished) && pattern.matches($0.name)
    }
  }

  /// Only grows: a kind that somebody wanted once goes on being made. Answers whether there are more.
  fileprivate mutating func updateInterest(adding pattern: EventPattern? = nil) -> Bool {
    if let pattern, !pattern.matchesHostEvents { return false }
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
    defer { listensToRuns = listens }
    return interest != old || listens != listensToRuns
  }
}
