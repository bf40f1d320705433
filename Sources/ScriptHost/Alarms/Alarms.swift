import MoonwheelModel
import Synchronization
import Triggers

/// What the alarm script hears: the script of ``Configuration/onFailure``, whose handlers get every run that was given up,
/// every script that does not load, and every failure of the store, of all scripts.
///
/// They get each alarm once, also one from before the script was loaded, and in a storm sums (see ``AlarmQueue``). What is
/// about the alarm script itself goes to the log only, so that no alarm leads to another one.
package final class Alarms: AlarmPort {
  package static let events = ["run.given_up", "script.failed", "scheduler.degraded"]

  private struct State: Sendable {
    var queue: AlarmQueue
    var script: ScriptID?
    var name: String?
    var isLoaded = false
    /// The elapsed time for which a call of ``deliver()`` is planned.
    var wakesAt: Int64?
    var isDelivering = false
  }

  private let state: Mutex<State>
  private let clock: any SchedulerClock
  private let inbox: Inbox
  /// It owns this object.
  private unowned let bus: EventBus
  /// The absolute path of the alarm script, or the name of one that is given as a text.
  private let path: String
  private let log: ScriptLog

  package init(
    path: String, clock: any SchedulerClock, inbox: Inbox, bus: EventBus, log: ScriptLog
  ) {
    self.path = path
    self.clock = clock
    self.inbox = inbox
    self.bus = bus
    self.log = log
    state = Mutex(State(queue: AlarmQueue(at: clock.elapsed)))
  }

  package func script(hearing event: String) -> ScriptID? {
    Self.events.contains(event) ? state.withLock { $0.script } : nil
  }

  package func begin(_ script: ScriptID, named name: String, at path: String) {
    guard path == self.path else { return }
    state.withLock { ($0.script, $0.name) = (script, name) }
  }

  package func loaded(_ registrations: [Registration], at path: String?) -> String? {
    guard path == self.path else { return nil }
    // When the core has taken what was posted before, the handlers are subscribed.
    inbox.post(
      .call { [self] in
        state.withLock { $0.isLoaded = true }
        deliver()
      })
    return Self.warning(registrations)
  }

  package func take(_ event: Event) {
    guard Self.events.contains(event.name) else { return }
    let now = clock.read()
    let isNew = state.withLock { state in
      if let name = state.name, event.payload["script"]?.text == name { return false }
      state.queue.add(event, at: now.elapsed, now.wall)
      return true
    }
    if isNew { deliver() }
  }

  /// Delivers the alarms that may pass now, in order. Any thread; two threads never deliver at the same time.
  private func deliver(all: Bool = false) {
    while let (events, script) = next(all: all) {
      let now = clock.read()
      let left = events.firstIndex { bus.deliver($0, to: script) == .queueFull }
      state.withLock { state in
        if let left { state.queue.putBack(events[left...], at: now.elapsed, now.wall) }
        state.isDelivering = false
      }
      guard left == nil else { break }
    }
    planNext()
  }

  private func next(all: Bool) -> ([Event], ScriptID)? {
    let now = clock.elapsed
    return state.withLock { state in
      guard state.isLoaded, !state.isDelivering, let script = state.script else { return nil }
      let events = state.queue.take(at: now, all: all)
      guard !events.isEmpty else { return nil }
      state.isDelivering = true
      return (events, script)
    }
  }

  /// Plans a call for the time at which sums are due.
  private func planNext() {
    let at = state.withLock { state -> Int64? in
      guard state.isLoaded, let due = state.queue.sumsDueAt, state.wakesAt.map({ due < $0 }) ?? true
      else { return nil }
      state.wakesAt = due
      return due
    }
    guard let at else { return }
    inbox.post(
      .callAt(at) { [self] in
        state.withLock { $0.wakesAt = nil }
        deliver()
      })
  }

  package func flush() { deliver(all: true) }

  package func close() {
    let count = state.withLock { $0.queue.count }
    guard count > 0 else { return }
    log.logger.error(
      "the alarm script has not got \(count == 1 ? "1 alarm" : "\(count) alarms") before the host stopped: see the log above, and moonwheel runs --status bad",
      metadata: ["script": .string(path)])
  }
}

extension Alarms {
  /// Warns of alarms that no job of the alarm script would hear; nil if it hears all.
  package static func warning(_ registrations: [Registration]) -> String? {
    let patterns = registrations.compactMap { registration -> EventPattern? in
      if case .event(let pattern) = registration.trigger { pattern } else { nil }
    }
    let unheard = events.filter { event in !patterns.contains { $0.matches(event) } }
    guard let first = unheard.first else { return nil }
    return
      "the alarm script has no handler of \(unheard.joined(separator: ", ")): add on(\"\(first)\", function(event) ... end)"
  }
}
