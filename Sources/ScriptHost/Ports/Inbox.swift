import MoonwheelModel
import SchedulerCore
import SystemCalls
import WorkerPool

/// Inputs and run reports from other threads to the timekeeper, in order, and the alarm that wakes it.
///
/// Each report has a time by which the core must read it. A report wakes the timekeeper only if the timekeeper would
/// sleep past that time; otherwise the next wake-up reads it. So ends of runs cost no wake-ups where fires are
/// frequent, and do not wait for the next fire where they are rare.
///
/// A worker that would have to wake the timekeeper may step the core itself instead (``ScriptEnvironment/stepInline``):
/// methods that return a Bool or a ``WakeReason`` leave the choice to the caller, who must do one of the two.
package final class Inbox: Sendable {
  package enum Item: Sendable {
    case input(Input)
    /// The isolate of a generation exists.
    case attach(any PoolMember, GenerationID)
    /// The run of a private isolate is over.
    case detach(GenerationID)
    /// A marker of the isolate: the core has read its first `upTo` inputs when it reads this.
    case inputsTaken(InputQuota, any PoolMember, upTo: UInt64)
    /// Called when all items before it have taken effect.
    case call(@Sendable () -> Void)
    /// Called at an elapsed time or soon after it.
    case callAt(Int64, @Sendable () -> Void)
    /// Log what all scripts are doing.
    case logState
    /// The host stops: end every run, with this reason.
    case cancelAll(String)
    case stop

    /// Whether it is as much work as dozens of other items, so that something may be due after it.
    package var isExpensive: Bool {
      if case .input(.event(_, let handlers)) = self { handlers.count > 32 } else { isLong }
    }

    /// Whether it may take long because it concerns many jobs. Only the timekeeper's thread handles these, so that no
    /// worker is kept from running scripts.
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
    /// Separate from `items`, so that a script that floods the items does not delay reports.
    var reports: [RunEnds] = []
    var reportCount = 0
    /// Elapsed time by which the core must read the reports.
    var reportsUntil = Int64.max
    /// No thread steps the core. Who posts an urgent item must clear this and wake the timekeeper.
    var isAsleep = false
    /// An item has come that must not wait.
    var isUrgent = false
    /// One of the items is long.
    var isLong = false
    /// Whether the core needs each report at once.
    var wantsReports = false
    /// Elapsed time at which the timekeeper wakes by itself.
    var wakesAt = Int64.max
    /// Latest time by which queued parks must be read. They were posted without a wake-up because the timekeeper was
    /// due to wake earlier anyway.
    var deferredUntil = Int64.max
    /// Number of posts, for tests that wait until the host is idle.
    var posted: UInt64 = 0
    /// Number of threads in ``Inbox/waitUntilIdle()``.
    var observers = 0
    /// Observers are numbered: the latest, the last one before the current step began, and the last one before the last
    /// finished step began.
    var latestObserver: UInt64 = 0
    var seenObserver: UInt64 = 0
    var servedObserver: UInt64 = 0
  }

  /// More waiting reports or items than this wake the timekeeper in any case.
  fileprivate static let waitingLimit = 4096

  private let state = Condition(State())
  package let alarm: Alarm

  package init() throws(SystemCallError) { alarm = try Alarm() }

  package func post(_ item: Item) { post(isLong: item.isExpensive) { $0.append(item) } }

  /// No other item comes between these.
  package func post(_ items: [Item]) {
    post(isLong: items.contains { $0.isExpensive }) { $0 += items }
  }

  private func post(isLong: Bool, _ add: (inout [Item]) -> Void) {
    let wakes = state.withLock { state in
      add(&state.items)
      state.posted += 1
      if isLong { state.isLong = true }
      return state.markUrgent()
    }
    guard wakes else { return }
    if isLong { alarm.wakeThis() } else { alarm.wakeOne() }
  }

  package func post(_ input: Input) { post(.input(input)) }

  /// Posts without a wake-up: the caller must call ``flushDeferred()`` soon.
  func postDeferred(_ input: Input) { postDeferred(.input(input)) }

  func postDeferred(_ item: Item) {
    let isLong = item.isExpensive
    state.withLock { state in
      if isLong { state.isLong = true }
      state.items.append(item)
      state.posted += 1
    }
  }

  /// Makes deferred posts urgent. Returns whether the caller must wake the timekeeper or step the core.
  package func flushDeferred() -> Bool {
    state.withLock { state in !state.items.isEmpty && state.markUrgent() }
  }

  /// Posts reports that the core must read by an elapsed time. Returns why the caller must step the core, or nil.
  func post(reports: [RunEnds], by deadline: Int64) -> WakeReason? {
    state.withLock { state in
      for batch in reports { state.reportCount += batch.count }
      state.reports += reports
      // Also if the timekeeper wakes in time: it may be awake already, and then fall asleep for longer.
      state.reportsUntil = min(state.reportsUntil, deadline)
      state.posted += 1
      let isAwaited = state.wakesForReports || state.reportCount > Self.waitingLimit
      guard state.isAsleep else { return isAwaited ? .spin : nil }
      guard isAwaited || deadline < state.wakesAt else { return nil }
      state.isAsleep = false
      return .reports
    }
  }

  /// Posts a park without a wake-up. Returns whether the caller must call ``flushDeferred()``: not if the timekeeper
  /// wakes before the deadline anyway.
  func park(_ park: ParkID, until deadline: Int64) -> Bool {
    self.park(.park(park, until: deadline), until: deadline)
  }

  /// Posts several parks, as ``park(_:until:)`` does.
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
        || state.items.count > Self.waitingLimit
      if !wakes { state.deferredUntil = min(state.deferredUntil, deadline) }
      return wakes
    }
  }

  /// Posts that a wait is over. Nothing follows from that, so the next wake-up is soon enough.
  func unpark(_ park: ParkID) {
    let wakes = state.withLock { state in
      state.items.append(.input(.unpark(park)))
      state.posted += 1
      let waits = state.items.count <= Self.waitingLimit && state.observers == 0
      return !waits && state.markUrgent()
    }
    if wakes { alarm.wakeOne() }
  }

  /// Moves all items and reports into these arrays, which must be empty. Marks the timekeeper as awake.
  package func drain(into items: inout [Item], reports: inout [RunEnds]) {
    state.withLock { state in
      state.isAsleep = false
      state.isUrgent = false
      state.isLong = false
      state.deferredUntil = .max
      state.seenObserver = state.latestObserver
      swap(&state.items, &items)
      state.drainReports(into: &reports)
    }
  }

  /// Moves all items and reports into these arrays, which must be empty. Does nothing and returns false if there are
  /// more than `most` items, very many reports, or a long item.
  package func drain(into items: inout [Item], atMost most: Int, reports: inout [RunEnds])
    -> Bool
  {
    state.withLock { state in
      guard state.items.count <= most, state.reportCount <= Self.waitingLimit, !state.isLong else {
        return false
      }
      state.isUrgent = false
      state.deferredUntil = .max
      swap(&state.items, &items)
      state.drainReports(into: &reports)
      return true
    }
  }

  /// Moves the reports into this array, which must be empty. Does nothing and returns false if there are very many.
  package func drainIfFew(reports: inout [RunEnds]) -> Bool {
    state.withLock { state in
      guard state.reportCount <= Self.waitingLimit else { return false }
      state.drainReports(into: &reports)
      return true
    }
  }

  /// Moves the reports into this array, which must be empty.
  package func drain(reports: inout [RunEnds]) {
    state.withLock { $0.drainReports(into: &reports) }
  }

  /// Puts reports back in front of those that have come since, to be read again.
  package func putBack(reports: [RunEnds]) {
    guard !reports.isEmpty else { return }
    state.withLock { state in
      state.reports = reports + state.reports
      for batch in reports { state.reportCount += batch.count }
      state.isUrgent = true
    }
  }

  /// Returns whether the caller, the timekeeper's thread, may sleep until the deadline: nothing has come.
  package func fallAsleep(until deadline: Int64?, wantsReports: Bool) -> Bool {
    let (isAsleep, isObserved) = state.withLock { state in
      state.wantsReports = wantsReports
      state.wakesAt = deadline ?? .max
      state.isAsleep = !state.hasUrgent && !state.wakesTooLate
      state.servedObserver = state.seenObserver
      return (state.isAsleep, state.observers > 0)
    }
    if isAsleep, isObserved { state.broadcast() }
    return isAsleep
  }

  /// A worker has stepped the core while the timekeeper's thread sleeps: sets until when it sleeps now. The thread must
  /// wake if an observer waits for it.
  package func extendSleep(until deadline: Int64?, wantsReports: Bool) -> SleepResult {
    state.withLock { state in
      state.wantsReports = wantsReports
      guard state.observers == 0 else { return .mustWake }
      state.wakesAt = deadline ?? .max
      state.isAsleep = !state.hasUrgent && !state.wakesTooLate
      guard !state.isAsleep else { return .asleep }
      let hasItems = state.isUrgent || state.deferredUntil < state.wakesAt
      return .more(hasItems ? .everything : .reports)
    }
  }

  package enum SleepResult {
    case asleep
    /// Something has come: step again.
    case more(WakeReason)
    case mustWake
  }

  /// Wakes the timekeeper, and blocks until it sleeps with nothing left, after a step that began after this call: a
  /// step under way may have read the clock before. Returns the number of posts so far.
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

  /// Drops items and reports that nobody will read any more.
  package func clear() {
    state.withLock { state in
      state.items = []
      state.reports = []
    }
  }

  /// Number of items. For tests.
  var count: Int { state.withLock { $0.items.count } }

  package var isEmpty: Bool { state.withLock { $0.items.isEmpty && $0.reports.isEmpty } }

  package var posted: UInt64 { state.withLock { $0.posted } }

  /// Elapsed time at which the timekeeper wakes by itself, as set when it last fell asleep; nil for never.
  package var wakesAt: Int64? { state.withLock { $0.wakesAt == .max ? nil : $0.wakesAt } }
}

extension Inbox.State {
  fileprivate var isIdle: Bool { isAsleep && items.isEmpty && reports.isEmpty }

  fileprivate var wakesForReports: Bool { wantsReports || observers > 0 }

  /// Whether something has come that must not wait.
  fileprivate var hasUrgent: Bool {
    isUrgent || wakesForReports && !reports.isEmpty || observers > 0 && !items.isEmpty
      || reportCount > Inbox.waitingLimit
  }

  /// Whether the next wake-up would be too late for a deferred item or a report.
  fileprivate var wakesTooLate: Bool { min(deferredUntil, reportsUntil) < wakesAt }

  fileprivate mutating func drainReports(into other: inout [RunEnds]) {
    swap(&reports, &other)
    reportCount = 0
    reportsUntil = .max
  }

  /// Marks the items as urgent. Returns whether the caller must wake the timekeeper or step the core.
  fileprivate mutating func markUrgent() -> Bool {
    isUrgent = true
    guard isAsleep else { return false }
    isAsleep = false
    return true
  }
}

extension Input {
  /// Whether it concerns all jobs of a script.
  fileprivate var isLong: Bool {
    switch self {
    case .install, .unload, .dropDynamic, .pauseScript, .idle, .loaded, .drain: true
    case .register, .finished, .event, .park, .parks, .unpark, .command, .named, .nextFireAnswered,
      .stored,
      .stuck, .unstuck:
      false
    }
  }
}
