import MoonwheelModel
import SchedulerCore
import Synchronization

/// Subscriptions to events, and their delivery. Matching and the bounds of queues happen on the sender's thread, so
/// that `emit` can be refused. Accepted events go to the timekeeper in the order of acceptance.
package final class EventBus: Sendable {
  fileprivate struct Handler {
    var script: ScriptID
    var pattern: EventPattern
    var queue: HandlerQueue
  }

  fileprivate struct Waiter {
    var pattern: EventPattern
    var script: ScriptID
    /// Called once, with the event as the result of the wait.
    var wake: @Sendable (Event) -> Void
  }

  /// Who hears an event beside handlers.
  fileprivate struct Listeners {
    var woken: [Waiter] = []
    var boxes: [EventBox] = []
    var observers: [@Sendable (Event) -> Void] = []
    var tap: (@Sendable (Event) -> Void)?
    var alarms: (any AlarmPort)?

    /// Whether nobody hears it, unless others do.
    var isEmpty: Bool { woken.isEmpty && boxes.isEmpty && observers.isEmpty }
    /// Whether somebody outside of scripts reads the payload.
    var areOutside: Bool { tap != nil || !observers.isEmpty }
  }

  fileprivate struct Observer {
    var pattern: EventPattern
    var deliver: @Sendable (Event) -> Void
    /// Called once, when the host has stopped.
    var end: @Sendable () -> Void
  }

  struct State {
    fileprivate var handlers: [JobID: Handler] = [:]
    fileprivate var handlerIndex = PatternIndex<JobID>()
    fileprivate var waiters: [ParkID: Waiter] = [:]
    fileprivate var waiterIndex = PatternIndex<ParkID>()
    var boxes = EventBoxTable()
    /// The patterns that runs wait for or listen to, by script.
    fileprivate var waitQuotas: [ScriptID: PatternQuota] = [:]
    fileprivate var observers: [UInt64: Observer] = [:]
    fileprivate var nextObserver: UInt64 = 0
    fileprivate var isClosed = false
    /// Kinds of host events that anybody has ever wanted, the log included.
    fileprivate var interest = HostEvent.Interest.none
    /// Whether a script or an embedder listens to ends of runs.
    fileprivate var listensToRuns = false
    /// Host events that the log wants.
    fileprivate var always: EventPattern?
    fileprivate var alarms: (any AlarmPort)?
    /// Gets every event.
    fileprivate var tap: (@Sendable (Event) -> Void)?
    /// Kinds of host events that a script or an embedder has ever wanted.
    fileprivate var audience = HostEvent.Interest.none
  }

  package enum Acceptance: Equatable {
    case accepted
    case queueFull
  }

  private let state = Mutex(State())
  /// Grows with each change of the handlers.
  private let version = Atomic<UInt64>(0)
  /// Whether there are waiters, boxes, observers or a tap.
  private let hasListeners = Atomic<Bool>(false)
  private let newInterest = Atomic<UInt64>(0)
  private let refused = Atomic<UInt64>(0)
  private let inbox: Inbox

  /// The host makes events that match `always` even if no script wants them: the log does.
  package init(inbox: Inbox, always: EventPattern?) {
    self.inbox = inbox
    change {
      $0.always = always
      return $0.updateInterest()
    }
  }

  /// Lets the alarm script hear the events of a pattern through `alarms`.
  package func setAlarms(_ alarms: any AlarmPort, for pattern: EventPattern) {
    change { state in
      state.alarms = alarms
      return state.updateInterest(adding: pattern)
    }
  }

  package var alarms: (any AlarmPort)? { state.withLock { $0.alarms } }

  /// Passes an event to the matching handlers of one script: to all of them, or, if one has no room, to none.
  func deliver(_ event: Event, to script: ScriptID) -> Acceptance {
    let (queues, isFull) = state.withLock { state in
      let handlers = state.handlerIndex.keys(matching: event.name).compactMap { state.handlers[$0] }
      let queues = handlers.filter { $0.script == script }.map(\.queue)
      let reserved = queues.prefix { $0.reserve() }
      guard reserved.count < queues.count else { return (queues, false) }
      for queue in reserved { queue.release(1) }
      return ([], true)
    }
    post(event, to: queues.map(\.job), isDeferred: false)
    return isFull ? .queueFull : .accepted
  }

  /// Changes subscriptions. The body returns whether the wanted kinds of host events have changed.
  func change(_ body: (inout State) -> Bool) {
    state.withLock { state in
      if body(&state) { newInterest.wrappingAdd(1, ordering: .releasing) }
      updateListeners(state)
    }
  }

  func read<Result: Sendable>(_ body: (borrowing State) -> Result) -> Result {
    state.withLock { body($0) }
  }

  /// Call this with the lock held when waiters, boxes, observers or the tap have changed.
  private func updateListeners(_ state: borrowing State) {
    let isHeard =
      state.tap != nil || !state.waiters.isEmpty || !state.boxes.isEmpty
      || !state.observers.isEmpty
    hasListeners.store(isHeard, ordering: .releasing)
  }

  /// Reserves a place in the queue of each matching handler. Returns true if a queue was full.
  private func reserve(
    for event: Event, in state: borrowing State, into accepted: inout [JobID]
  ) -> Bool {
    var isFull = false
    let hearsByAlarm = state.alarms?.script(hearing: event.name)
    for job in state.handlerIndex.keys(matching: event.name) {
      guard let handler = state.handlers[job], handler.script != hearsByAlarm else { continue }
      if handler.queue.reserve() {
        accepted.append(job)
      } else {
        isFull = true
        refused.wrappingAdd(1, ordering: .relaxed)
      }
    }
    return isFull
  }

  package var interest: HostEvent.Interest { state.withLock { $0.interest } }
  package var listensToRuns: Bool { state.withLock { $0.listensToRuns } }
  /// Grows when ``interest`` or ``listensToRuns`` changes.
  package var interestVersion: UInt64 { newInterest.load(ordering: .acquiring) }
  /// How many deliveries were refused because a handler's queue was full.
  package var refusedCount: UInt64 { refused.load(ordering: .relaxed) }

  /// The present handlers of an event name.
  func route(of name: String) -> EventRoute {
    state.withLock { state in
      EventRoute(
        name, version: version.load(ordering: .relaxed),
        state.handlerIndex.keys(matching: name).compactMap { state.handlers[$0]?.queue })
    }
  }

  /// Whether no handler has changed since the route was made.
  func isCurrent(_ route: EventRoute) -> Bool {
    route.version == version.load(ordering: .acquiring)
  }

  /// Publishes an event by a current route, deferred: the caller must call ``Inbox/flush()`` soon.
  func publish(_ event: Event, on route: EventRoute) -> Acceptance {
    guard !hasListeners.load(ordering: .acquiring) else { return publish(event, isDeferred: true) }
    var isFull = false
    var accepted = route.jobs
    for (index, queue) in route.queues.enumerated().reversed() where !queue.reserve() {
      accepted.remove(at: index)
      isFull = true
      refused.wrappingAdd(1, ordering: .relaxed)
    }
    post(event, to: accepted, isDeferred: true)
    return isFull ? .queueFull : .accepted
  }

  /// An event for more handlers becomes several inputs; between inputs the core checks for due fires.
  private static let handlersPerInput = 256

  func post(_ event: Event, to handlers: [JobID], isDeferred: Bool) {
    var rest = handlers[...]
    while !rest.isEmpty {
      let part = rest.count <= Self.handlersPerInput ? rest : rest.prefix(Self.handlersPerInput)
      rest = rest.dropFirst(part.count)
      let input = Input.event(
        event, handlers: part.count == handlers.count ? handlers : Array(part))
      if isDeferred { inbox.postDeferred(input) } else { inbox.post(input) }
    }
  }

  /// Delivers to all matching handlers with room, to waiters, boxes and observers; a full handler does not affect the
  /// others. With `isDeferred` the caller must call ``Inbox/flush()`` soon.
  @discardableResult
  package func publish(_ event: Event, toScripts: Bool = true, isDeferred: Bool = false)
    -> Acceptance
  {
    var accepted: [JobID] = []
    var isFull = false
    let listeners = state.withLock { state in
      if toScripts { isFull = reserve(for: event, in: state, into: &accepted) }
      defer { updateListeners(state) }
      return state.listeners(of: event.name) { _ in toScripts }
    }
    deliver(event, to: listeners, andHandlers: accepted, isDeferred: isDeferred)
    listeners.alarms?.take(event)
    return isFull ? .queueFull : .accepted
  }

  private func deliver(
    _ event: Event, to listeners: Listeners, andHandlers handlers: [JobID], isDeferred: Bool
  ) {
    // Decode the payload once for all receivers outside of scripts.
    let read = listeners.areOutside ? event.decoded : event
    listeners.tap?(read)
    post(event, to: handlers, isDeferred: isDeferred)
    for waiter in listeners.woken { waiter.wake(event) }
    for box in listeners.boxes { box.add(read) }
    for deliver in listeners.observers { deliver(read) }
  }

  /// Publishes the change of a key to waits, boxes and observers, and returns the handlers, who are told one by one (see
  /// ``KeyWatch``). Only scripts for which `mayHear` is true hear of it. If nobody does, the event is not made.
  func publishKey(
    _ name: String, mayHear: (ScriptID) -> Bool, _ event: () -> Event
  ) -> [HandlerQueue] {
    let (handlers, listeners) = state.withLock { state in
      let handlers = state.handlers(of: name, mayHear: mayHear)
      guard hasListeners.load(ordering: .relaxed) else { return (handlers, Listeners?.none) }
      defer { updateListeners(state) }
      let listeners = state.listeners(of: name, mayHear: mayHear)
      return (handlers, listeners.isEmpty && handlers.isEmpty ? nil : listeners)
    }
    if let listeners {
      // On the outbox's thread: the store's writer must not wait for observers.
      inbox.post(
        .call { [self, event = event()] in
          deliver(event, to: listeners, andHandlers: [], isDeferred: false)
        })
    }
    return handlers
  }

  /// The handlers of an event whose scripts may hear of it.
  func handlers(of name: String, mayHear: (ScriptID) -> Bool) -> [HandlerQueue] {
    state.withLock { $0.handlers(of: name, mayHear: mayHear) }
  }

  /// Counts an event that a handler with a full queue does not get.
  func countRefused() { refused.wrappingAdd(1, ordering: .relaxed) }

  /// Sets the receiver of every event; it is called on the publishing thread, before all others.
  package func tap(_ deliver: @escaping @Sendable (Event) -> Void) {
    change { state in
      state.tap = deliver
      return false
    }
  }

  /// Whether a script or an embedder, not only the log, may want events of a kind.
  package func hasAudience(for kind: HostEvent.Kind) -> Bool {
    state.withLock { $0.audience.contains(kind) }
  }

  package func apply(_ change: Subscription) {
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

  /// Frees one place in the queue of each of these handlers; a handler may occur several times.
  package func dequeued(_ jobs: [JobID]) {
    guard !jobs.isEmpty else { return }
    state.withLock { state in
      var index = 0
      while index < jobs.count {
        let job = jobs[index]
        let end = jobs[index...].firstIndex { $0 != job } ?? jobs.count
        state.handlers[job]?.queue.release(end - index)
        index = end
      }
    }
  }

  /// Whether the quota of a script allows a run to wait for a pattern, or to listen to it.
  func hasRoom(for pattern: EventPattern, of script: ScriptID) -> Bool {
    pattern.literal != nil
      || state.withLock { $0.waitQuotas[script]?.hasRoom(for: pattern) ?? true }
  }

  /// Calls `wake` with the next event that matches, on the thread that publishes it.
  func wait(
    _ park: ParkID, for pattern: EventPattern, of script: ScriptID,
    wake: @escaping @Sendable (Event) -> Void
  ) {
    change { state in
      state.waiters[park] = Waiter(pattern: pattern, script: script, wake: wake)
      state.waiterIndex.insert(park, pattern)
      state.addToQuota(pattern, of: script)
      return state.updateInterest(adding: pattern)
    }
  }

  /// Number of waits. For tests.
  var waiterCount: Int { state.withLock { $0.waiters.count } }

  /// Removes waits that ended without an event. Ignores parks that are not waits for events.
  func stopWaiting(_ parks: [ParkID]) {
    state.withLock { state in
      guard !state.waiters.isEmpty else { return }
      for park in parks { _ = state.removeWaiter(park) }
      updateListeners(state)
    }
  }

  package func observe(
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

  /// Ends all observers; call this when the host has stopped.
  package func close() {
    let (observers, boxes) = state.withLock { state in
      state.isClosed = true
      state.waiters = [:]
      defer { state.observers = [:] }
      return (state.observers.sorted { $0.key < $1.key }.map(\.value), state.boxes.drain())
    }
    for box in boxes { box.close() }
    for observer in observers { observer.end() }
  }

  package func stopObserving(_ observer: UInt64) {
    change { state in
      state.observers[observer] = nil
      return false
    }
  }
}

extension EventBus.State {
  fileprivate func handlers(of name: String, mayHear: (ScriptID) -> Bool) -> [HandlerQueue] {
    handlerIndex.keys(matching: name).compactMap { handlers[$0] }
      .filter { mayHear($0.script) }.map(\.queue)
  }

  /// Who hears an event beside handlers; the waits for it are over.
  fileprivate mutating func listeners(
    of name: String, mayHear: (ScriptID) -> Bool
  ) -> EventBus.Listeners {
    EventBus.Listeners(
      woken: removeWaiters(of: name, where: mayHear),
      boxes: boxes.boxes(for: name).filter { mayHear($0.script) },
      observers: observers.values.filter { $0.pattern.matches(name) }.map(\.deliver), tap: tap,
      alarms: alarms)
  }

  private mutating func removeWaiters(
    of name: String, where mayHear: (ScriptID) -> Bool
  ) -> [EventBus.Waiter] {
    guard !waiters.isEmpty else { return [] }
    return waiterIndex.keys(matching: name).compactMap { park in
      waiters[park].map { mayHear($0.script) } == true ? removeWaiter(park) : nil
    }
  }

  fileprivate mutating func removeWaiter(_ park: ParkID) -> EventBus.Waiter? {
    guard let waiter = waiters.removeValue(forKey: park) else { return nil }
    waiterIndex.remove(park, waiter.pattern)
    removeFromQuota(waiter.pattern, of: waiter.script)
    return waiter
  }

  mutating func addToQuota(_ pattern: EventPattern, of script: ScriptID) {
    guard pattern.literal == nil else { return }
    waitQuotas[script, default: PatternQuota()].add(pattern)
  }

  mutating func removeFromQuota(_ pattern: EventPattern, of script: ScriptID) {
    guard pattern.literal == nil else { return }
    waitQuotas[script]?.remove(pattern)
    if waitQuotas[script]?.isEmpty == true { waitQuotas[script] = nil }
  }

  private static func isAboutRuns(_ pattern: EventPattern) -> Bool {
    HostEvent.Kind.allCases.contains {
      ($0.name.hasPrefix("run.") || $0 == .jobFinished) && pattern.matches($0.name)
    }
  }

  /// Adds a pattern. Interest only grows: a kind that was wanted once stays wanted. Returns whether it has grown.
  mutating func updateInterest(adding pattern: EventPattern? = nil) -> Bool {
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
