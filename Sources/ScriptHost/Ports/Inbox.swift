import MoonwheelModel
import SchedulerCore
import SystemCalls
import WorkerPool

/// What the timekeeper is told by other threads, in order, and the bell that wakes it.
///
/// Each report of a run has a time by which it is to be taken. It wakes the timekeeper if that would sleep for longer; else it
/// is taken with what wakes it next. So where fires are frequent, ends cost no wake-ups of their own, and on a host where
/// nothing else happens, nothing waits for the next fire.
///
/// A worker that would have to ring may do the timekeeper's work itself instead (``CoreLock/stepInline(for:)``): the methods
/// that answer a Bool leave the choice to their callers, who have to do the one or the other.
package final class Inbox: Sendable {
  package enum Item: Sendable {
    case input(Input)
    /// A generation has an isolate.
    case attach(any PoolMember, GenerationID)
    /// A run that had a state of its own is over.
    case detach(GenerationID)
    /// Everything that the isolate had posted before has been taken: so many inputs since it was made.
    case inputsTaken(InputQuota, any PoolMember, upTo: UInt64)
    /// Called when everything before it has taken effect.
    case call(@Sendable () -> Void)
    /// Called at an elapsed time, or soon after it.
    case callAt(Int64, @Sendable () -> Void)
    /// Somebody wants to know what is going on.
    case logState
    /// The host stops: end every run.
    case cancelAll(String)
    case stop

    /// As much work as dozens of others: something may be due after it.
    package var isMuch: Bool {
      if case .input(.event(_, let handlers)) = self { handlers.count > 32 } else { isLong }
    }

    /// What may take long, since it is about many jobs: the timekeeper's own thread does it, so that no worker is kept from
    /// what its script or another has to do.
    fileprivate var isLong: Bool {
      switch self {
      case .input(let input): input.isLong
      case .logState, .cancelAll, .stop: true
      case .attach, .detach, .call, .callAt, .inputsTaken: false
      }
    }
  }

  fileprivate struct State: Sendable {
    var items: [Item] = []
    /// Ends of runs, as they were posted. Apart, so that they are not held up by what a script floods the items with.
    var reports: [RunReports] = []
    var reportCount = 0
    /// Elapsed time by which the reports must have been taken, although nobody may have been woken for them.
    var reportsUntil = Int64.max
    /// Nobody looks, and whoever posts something that does not wait sees to it that somebody does.
    var isAsleep = false
    /// Something has come that does not wait.
    var isUrgent = false
    /// One of the items is long.
    var isLong = false
    var wantsReports = false
    /// Elapsed time at which somebody wakes anyhow.
    var wakesAt = Int64.max
    /// Elapsed time by which the items must have been taken, although nobody was woken for them: of parks that end later
    /// than somebody was to wake.
    var deferredUntil = Int64.max
    /// Counts what has come, for tests that wait for quiet.
    var posted: UInt64 = 0
    var observers = 0
    /// Counts observers as they come: which one the step under way has seen, and which the last that is over.
    var latestObserver: UInt64 = 0
    var seenObserver: UInt64 = 0
    var servedObserver: UInt64 = 0
  }

  /// So many reports, or items, wake it in any case, to bound what waits.
  fileprivate static let mostThatWait = 4096

  private let state = Condition(State())
  package let alarm: Alarm

  package init() throws(SystemCallError) { alarm = try Alarm() }

  package func post(_ item: Item) { post(isLong: item.isMuch) { $0.append(item) } }

  /// Nothing comes between these.
  package func post(_ items: [Item]) { post(isLong: items.contains { $0.isMuch }) { $0 += items } }

  private func post(isLong: Bool, _ add: (inout [Item]) -> Void) {
    let wakes = state.withLock { state in
      add(&state.items)
      state.posted += 1
      if isLong { state.isLong = true }
      return state.takeWake()
    }
    guard wakes else { return }
    if isLong { alarm.wakeThis() } else { alarm.wakeOne() }
  }

  package func post(_ input: Input) { post(.input(input)) }

  /// The same for who calls ``flushDeferred()`` soon.
  func postDeferred(_ input: Input) { postDeferred(.input(input)) }

  func postDeferred(_ item: Item) {
    let isLong = item.isMuch
    state.withLock { state in
      if isLong { state.isLong = true }
      state.items.append(item)
      state.posted += 1
    }
  }

  /// What has been posted quietly does not wait any longer; whether the caller has to wake the timekeeper.
  package func flushDeferred() -> Bool { state.withLock { state in !state.items.isEmpty && state.takeWake() } }

  /// To be taken by an elapsed time. Answers what the caller has to see to.
  func post(reports: [RunReports], by deadline: Int64) -> WakeReason? {
    state.withLock { state in
      for batch in reports { state.reportCount += batch.count }
      state.reports += reports
      // Also where somebody is to wake in time: it may be looking at other things already, and sleep for longer then.
      state.reportsUntil = min(state.reportsUntil, deadline)
      state.posted += 1
      let isAwaited = state.takesAllAtOnce || state.reportCount > Self.mostThatWait
      guard state.isAsleep else { return isAwaited ? .spin : nil }
      guard isAwaited || deadline < state.wakesAt else { return nil }
      state.isAsleep = false
      return .reports
    }
  }

  /// Posts it quietly; whether the caller has to call ``flushDeferred()``: not if the timekeeper wakes before the deadline
  /// anyhow.
  func park(_ park: ParkID, until deadline: Int64) -> Bool {
    self.park(.park(park, until: deadline), until: deadline)
  }

  /// The same for several.
  func park(_ parks: [TimedPark]) -> Bool {
    guard let first = parks.lazy.map(\.until).min() else { return false }
    return park(.parks(parks), until: first)
  }

  private func park(_ input: Input, until deadline: Int64) -> Bool {
    state.withLock { state in
      state.items.append(.input(input))
      state.posted += 1
      let wakes =
        !state.isAsleep || deadline < state.wakesAt || state.observers > 0
        || state.items.count > Self.mostThatWait
      if !wakes { state.deferredUntil = min(state.deferredUntil, deadline) }
      return wakes
    }
  }

  /// A wait is over: nothing comes of it, so that it can be taken with whatever comes next.
  func unpark(_ park: ParkID) {
    let wakes = state.withLock { state in
      state.items.append(.input(.unpark(park)))
      state.posted += 1
      let waits = state.items.count <= Self.mostThatWait && state.observers == 0
      return !waits && state.takeWake()
    }
    if wakes { alarm.wakeOne() }
  }

  /// Swaps what has come into empty arrays.
  package func take(into items: inout [Item], reports: inout [RunReports]) {
    state.withLock { state in
      state.isAsleep = false
      state.isUrgent = false
      state.isLong = false
      state.deferredUntil = .max
      state.seenObserver = state.latestObserver
      swap(&state.items, &items)
      state.takeReports(into: &reports)
    }
  }

  /// The same, unless there are more items than `most`, very many reports, or what may take long: answers whether it was
  /// done.
  package func take(into items: inout [Item], atMost most: Int, reports: inout [RunReports]) -> Bool {
    state.withLock { state in
      guard state.items.count <= most, state.reportCount <= Self.mostThatWait, !state.isLong else {
        return false
      }
      state.isUrgent = false
      state.deferredUntil = .max
      swap(&state.items, &items)
      state.takeReports(into: &reports)
      return true
    }
  }

  /// Swaps the reports alone into an empty array, unless there are very many; answers whether it was done.
  package func takeFew(reports: inout [RunReports]) -> Bool {
    state.withLock { state in
      guard state.reportCount <= Self.mostThatWait else { return false }
      state.takeReports(into: &reports)
      return true
    }
  }

  /// Swaps the reports alone into an empty array.
  package func take(reports: inout [RunReports]) { state.withLock { $0.takeReports(into: &reports) } }

  /// Reports that were taken and are to be taken again, before those that have come since.
  package func putBack(reports: [RunReports]) {
    guard !reports.isEmpty else { return }
    state.withLock { state in
      state.reports = reports + state.reports
      for batch in reports { state.reportCount += batch.count }
      state.isUrgent = true
    }
  }

  /// Whether nothing has come, so that the caller, the timekeeper's thread, may sleep.
  package func fallAsleep(until deadline: Int64?, wantsReports: Bool) -> Bool {
    let (isAsleep, isObserved) = state.withLock { state in
      state.wantsReports = wantsReports
      state.wakesAt = deadline ?? .max
      state.isAsleep = !state.hasUrgent && !state.isOverslept
      state.servedObserver = state.seenObserver
      return (state.isAsleep, state.observers > 0)
    }
    if isAsleep, isObserved { state.broadcast() }
    return isAsleep
  }

  /// The same for a thread that did the work of the timekeeper's, which sleeps on: that has to be woken if somebody watches
  /// what it does.
  package func restAsleep(until deadline: Int64?, wantsReports: Bool) -> Rest {
    state.withLock { state in
      state.wantsReports = wantsReports
      guard state.observers == 0 else { return .toBeWoken }
      state.wakesAt = deadline ?? .max
      state.isAsleep = !state.hasUrgent && !state.isOverslept
      guard !state.isAsleep else { return .asleep }
      let hasItems = state.isUrgent || state.deferredUntil < state.wakesAt
      return .more(hasItems ? .everything : .reports)
    }
  }

  package enum Rest {
    case asleep
    /// Something has come.
    case more(WakeReason)
    case toBeWoken
  }

  /// Makes the timekeeper look at what may wait, and blocks until it sleeps with nothing left, after a step that began after
  /// the call: one that was under way may have read the clock before. Answers how much has come so far.
  package func waitUntilIdle() -> UInt64 {
    let observer = state.withLock { state in
      state.observers += 1
      state.latestObserver += 1
      state.isAsleep = false
      return state.latestObserver
    }
    alarm.wakeThis()
    let posted = state.wait { state in
      state.isIdle && state.servedObserver >= observer ? state.posted : nil
    }
    state.withLock { $0.observers -= 1 }
    return posted
  }

  /// Lets go of what nobody will take any more.
  package func clear() {
    state.withLock { state in
      state.items = []
      state.reports = []
    }
  }

  /// How many items wait to be taken. For tests.
  var count: Int { state.withLock { $0.items.count } }

  /// Whether nothing waits to be taken.
  package var isEmpty: Bool { state.withLock { $0.items.isEmpty && $0.reports.isEmpty } }

  package var posted: UInt64 { state.withLock { $0.posted } }

  /// Elapsed time at which the timekeeper wakes by itself, as it said when it fell asleep last; nil is never.
  package var wakesAt: Int64? { state.withLock { $0.wakesAt == .max ? nil : $0.wakesAt } }
}

extension Inbox.State {
  fileprivate var isIdle: Bool { isAsleep && items.isEmpty && reports.isEmpty }

  fileprivate var takesAllAtOnce: Bool { wantsReports || observers > 0 }

  /// Whether something has come that does not wait.
  fileprivate var hasUrgent: Bool {
    isUrgent || takesAllAtOnce && !reports.isEmpty || observers > 0 && !items.isEmpty
      || reportCount > Inbox.mostThatWait
  }

  /// Whether the next wake-up is too late for something that has come.
  fileprivate var isOverslept: Bool { min(deferredUntil, reportsUntil) < wakesAt }

  fileprivate mutating func takeReports(into other: inout [RunReports]) {
    swap(&reports, &other)
    reportCount = 0
    reportsUntil = .max
  }

  /// Somebody is to look; whether the caller has to see to that.
  fileprivate mutating func takeWake() -> Bool {
    isUrgent = true
    guard isAsleep else { return false }
    isAsleep = false
    return true
  }
}

extension Input {
  /// Whether it is about all jobs of a script.
  fileprivate var isLong: Bool {
    switch self {
    case .install, .unload, .dropDynamic, .pauseScript, .idle, .loaded, .drain: true
    case .register, .finished, .event, .park, .parks, .unpark, .command, .named, .nextFireAnswered, .stored,
      .stuck, .unstuck:
      false
    }
  }
}
