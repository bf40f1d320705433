import MoonwheelModel
import SchedulerCore
import SystemCalls
import WorkerPool

/// Inputs and run reports from other threads to the core, in order, and the alarm that wakes who steps it.
///
/// Each post has an elapsed time by which the core must read it. A post leads to a step only if the next wake-up would
/// come later; otherwise that wake-up reads it. So ends of runs cost no wake-ups where fires are frequent, and do not
/// wait for the next fire where they are rare.
///
/// A worker that would have to wake a thread may step the core itself instead (``ScriptEnvironment/stepInline``):
/// deferred posts return a Bool and leave the choice to the caller, who calls ``flush()`` soon.
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
    /// As `callAt`, in place of the last call that was asked for so.
    case sweepAt(Int64, @Sendable () -> Void)
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
      case .attach, .detach, .call, .callAt, .sweepAt, .inputsTaken: false
      }
    }
  }

  fileprivate struct State: Sendable {
    var items: [Item] = []
    /// Separate from `items`, so that a script that floods the items does not delay reports.
    var reports: [RunEnds] = []
    /// Elapsed time by which the core must read items and reports; the minimum means at once.
    var dueAt = Int64.max
    /// No thread steps the core. Who posts something that is due before `wakesAt` must clear this, and step the core or
    /// wake a thread.
    var isAsleep = false
    /// Elapsed time of the next step without a post, as set by the last one.
    var wakesAt = Int64.max
    /// Whether the core needs each report at once.
    var wantsReports = false
    /// Number of steps that have begun.
    var steps: UInt64 = 0
    /// Number of posts, for tests that wait until the host is idle.
    var posted: UInt64 = 0
    /// Number of threads in ``Inbox/waitUntilIdle()``.
    var observers = 0
  }

  /// More waiting items, or lists of reports, than this are read at once.
  fileprivate static let waitingLimit = 4096

  private let state = Condition(State())
  package let alarm: Alarm

  package init() throws(SystemCallError) { alarm = try Alarm() }

  package func post(_ item: Item) { post(by: .min) { $0.append(item) } }

  /// No other item comes between these.
  package func post(_ items: [Item]) { post(by: .min) { $0 += items } }

  package func post(_ input: Input) { post(.input(input)) }

  /// Posts that a wait is over. Nothing follows from that, so the next wake-up is soon enough.
  func unpark(_ park: ParkID) { post(by: .max) { $0.append(.input(.unpark(park))) } }

  private func post(by deadline: Int64, _ add: (inout [Item]) -> Void) {
    let wakes = state.withLock { state in
      add(&state.items)
      return state.isPostDue(by: deadline) && state.claimStep()
    }
    if wakes { alarm.wakeOne() }
  }

  /// Posts without a wake-up: the caller must call ``flush()`` soon.
  func postDeferred(_ item: Item) {
    state.withLock { state in
      state.items.append(item)
      _ = state.isPostDue(by: .max)
    }
  }

  func postDeferred(_ input: Input) { postDeferred(.input(input)) }

  /// Posts reports that the core must read by an elapsed time. Returns whether the caller must call ``flush()``.
  func post(reports: [RunEnds], by deadline: Int64) -> Bool {
    state.withLock { state in
      state.reports += reports
      return state.isPostDue(by: deadline)
    }
  }

  /// Posts a park without a wake-up. Returns whether the caller must call ``flush()`` soon: not if the core is stepped
  /// before the deadline anyway.
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
      return state.isPostDue(by: deadline)
    }
  }

  /// Makes deferred items due at once. Returns whether the caller must step the core, or wake a thread that does.
  package func flush() -> Bool {
    state.withLock { state in
      if !state.items.isEmpty { state.dueAt = .min }
      return state.claimStep()
    }
  }

  /// Begins a step: moves all items and reports into these arrays, which must be empty. Moves nothing and returns false
  /// if there are more than `most` of either, or an item that may take long; if `most` is the maximum, moves them in
  /// any case.
  @discardableResult
  package func drain(into items: inout [Item], reports: inout [RunEnds], atMost most: Int = .max)
    -> Bool
  {
    state.withLock { state in
      state.isAsleep = false
      guard most == .max || state.fits(most) else { return false }
      state.dueAt = .max
      state.steps += 1
      swap(&state.items, &items)
      swap(&state.reports, &reports)
      return true
    }
  }

  /// Moves the reports into this array, which must be empty.
  package func drain(reports: inout [RunEnds]) {
    state.withLock { swap(&$0.reports, &reports) }
  }

  /// Puts reports back in front of those that have come since, to be read again.
  package func putBack(reports: [RunEnds]) {
    guard !reports.isEmpty else { return }
    state.withLock { state in
      state.reports = reports + state.reports
      state.dueAt = .min
    }
  }

  /// Ends a step. Returns whether no other must follow before the deadline.
  package func rest(until deadline: Int64?, wantsReports: Bool) -> Bool {
    let (isAsleep, isObserved) = state.withLock { state in
      state.wantsReports = wantsReports
      state.updateDue()
      state.wakesAt = deadline ?? .max
      state.isAsleep = state.dueAt >= state.wakesAt
      return (state.isAsleep, state.observers > 0)
    }
    if isAsleep, isObserved { state.broadcast() }
    return isAsleep
  }

  /// Wakes the timekeeper, and blocks until nothing is left after a step that began after this call: a step under way
  /// may have read the clock before. Returns the number of posts so far.
  package func waitUntilIdle() -> UInt64 {
    let before = state.withLock { state in
      state.observers += 1
      state.isAsleep = false
      return state.steps
    }
    alarm.wakeThis()
    let posted = state.wait { $0.isIdle && $0.steps > before ? $0.posted : nil }
    state.withLock { $0.observers -= 1 }
    return posted
  }

  /// Drops items and reports that nobody will read any more.
  package func clear() {
    // They are let go without the lock: the end of an event may post something, see ``KeyWatch``.
    _ = state.withLock { state in
      defer {
        state.items = []
        state.reports = []
      }
      return (state.items, state.reports)
    }
  }

  /// Number of items. For tests.
  var count: Int { state.withLock { $0.items.count } }

  package var isEmpty: Bool { state.withLock { $0.items.isEmpty && $0.reports.isEmpty } }

  package var posted: UInt64 { state.withLock { $0.posted } }

  /// Elapsed time of the next step without a post, as set by the last one; nil for never.
  package var wakesAt: Int64? { state.withLock { $0.wakesAt == .max ? nil : $0.wakesAt } }
}

extension Inbox.State {
  fileprivate var isIdle: Bool { isAsleep && items.isEmpty && reports.isEmpty }

  /// Whether a worker may read everything; see ``Inbox/drain(into:reports:atMost:)``.
  fileprivate func fits(_ most: Int) -> Bool {
    items.count <= most && reports.count <= most && !items.contains { $0.isExpensive }
  }

  /// Counts a post that must be read by an elapsed time. Returns whether the next wake-up would be too late.
  fileprivate mutating func isPostDue(by deadline: Int64) -> Bool {
    posted += 1
    dueAt = min(dueAt, deadline)
    updateDue()
    return isAsleep && dueAt < wakesAt
  }

  /// What somebody waits for, and what is too much, must be read at once.
  fileprivate mutating func updateDue() {
    let isObserved = observers > 0 && !(items.isEmpty && reports.isEmpty)
    let isAwaited = wantsReports && !reports.isEmpty
    if isObserved || isAwaited || max(items.count, reports.count) > Inbox.waitingLimit {
      dueAt = .min
    }
  }

  /// Returns whether the caller must step the core, or wake a thread that does.
  fileprivate mutating func claimStep() -> Bool {
    guard isAsleep, dueAt < wakesAt else { return false }
    isAsleep = false
    return true
  }
}

extension Input {
  /// Whether it concerns all jobs of a script.
  fileprivate var isLong: Bool {
    switch self {
    case .install, .unload, .dropDynamic, .pauseScript, .idle, .list, .loaded, .drain: true
    case .register, .finished, .resourcesEnded, .event, .park, .parks, .unpark, .command, .named,
      .nextFireAnswered, .stored, .interest, .leasesClosed, .stuck, .unstuck, .denied,
      .pingFailed:
      false
    }
  }
}
