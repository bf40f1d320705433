import MoonwheelModel
import SchedulerCore

/// Who has subscribed to what.
extension EventBus {
  struct Handler {
    var script: ScriptID
    var pattern: EventPattern
    var queue: HandlerQueue
  }

  struct Waiter {
    var pattern: EventPattern
    var script: ScriptID
    /// Called once, with the event as the result of the wait.
    var wake: @Sendable (Event) -> Void
  }

  /// Who hears an event beside handlers.
  struct Listeners {
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

  struct Observer {
    var pattern: EventPattern
    var deliver: @Sendable (Event) -> Void
    /// Called once, when the host has stopped.
    var end: @Sendable () -> Void
  }

  struct State {
    var handlers: [JobID: Handler] = [:]
    var handlerIndex = PatternIndex<JobID>()
    var waiters: [ParkID: Waiter] = [:]
    var waiterIndex = PatternIndex<ParkID>()
    var boxes = EventBoxTable()
    /// The patterns that runs wait for or listen to, by script.
    var waitQuotas: [ScriptID: PatternQuota] = [:]
    var observers: [UInt64: Observer] = [:]
    var nextObserver: UInt64 = 0
    var isClosed = false
    /// Kinds of host events that anybody has ever wanted, the log included.
    var interest = HostEvent.Interest.none
    /// Whether a script or an embedder listens to ends of runs.
    var listensToRuns = false
    /// Host events that the log wants.
    var always: EventPattern?
    var alarms: (any AlarmPort)?
    /// Gets every event.
    var tap: (@Sendable (Event) -> Void)?
    /// Kinds of host events that a script or an embedder has ever wanted.
    var audience = HostEvent.Interest.none
  }
}

extension EventBus.State {
  func handlers(of name: String, mayHear: (ScriptID) -> Bool) -> [HandlerQueue] {
    handlerIndex.keys(matching: name).compactMap { handlers[$0] }
      .filter { mayHear($0.script) }.map(\.queue)
  }

  /// Who hears an event beside handlers; the waits for it are over.
  mutating func listeners(
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

  mutating func removeWaiter(_ park: ParkID) -> EventBus.Waiter? {
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
