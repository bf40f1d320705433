import MoonwheelModel
import SchedulerCore
import Synchronization

/// Subscriptions to events, and their delivery. Matching and the bounds of queues happen on the sender's thread, so
/// that `emit` can be refused. Accepted events go to the timekeeper in the order of acceptance.
package final class EventBus: Sendable {
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
