import MoonwheelCore
import WorkerPool

/// What the timekeeper is told by other threads, in order, and the bell that wakes it.
///
/// Reports of runs do not wake it while nothing depends on them: they are taken with the next fire. So at low rates a
/// fire costs one wake-up, not two.
final class Inbox: Sendable {
  enum Item: Sendable {
    case input(Input)
    case attach(ScriptIsolate)
    /// A run that had a state of its own is over.
    case detach(GenerationID)
    /// Called when everything before it has taken effect.
    case call(@Sendable () -> Void)
    /// Somebody wants to know what is going on.
    case logState
    /// The host stops: end every run.
    case cancelAll(String)
    case stop
  }

  fileprivate struct State: Sendable {
    var items: [Item] = []
    /// Ends of runs, as they were posted. Apart, so that they are not held up by what a script floods the items with.
    var reports: [RunReports] = []
    var reportCount = 0
    var isAsleep = false
    var wantsReports = false
    /// Elapsed time at which the timekeeper wakes anyhow.
    var wakesAt = Int64.max
    /// Counts what has come, for tests that wait for quiet.
    var posted: UInt64 = 0
    var observers = 0
  }

  /// So many reports wake it in any case, to bound what waits.
  private static let reportsThatWake = 4096

  private let state = Condition(State())
  let alarm: Alarm

  init() throws(SystemCallError) { alarm = try Alarm() }

  func post(_ item: Item) { post { $0.append(item) } }

  /// Nothing comes between these.
  func post(_ items: [Item]) { post { $0 += items } }

  private func post(_ add: (inout [Item]) -> Void) {
    let wakes = state.withLock { state in
      add(&state.items)
      state.posted += 1
      return state.takeWake()
    }
    if wakes { alarm.ring() }
  }

  func post(_ input: Input) { post(.input(input)) }

  /// The same for who calls ``ring()`` soon.
  func postQuietly(_ input: Input) {
    state.withLock { state in
      state.items.append(.input(input))
      state.posted += 1
    }
  }

  /// Wakes the timekeeper for what has been posted quietly.
  func ring() {
    let wakes = state.withLock { state in !state.items.isEmpty && state.takeWake() }
    if wakes { alarm.ring() }
  }

  func post(reports: [RunReports]) {
    let wakes = state.withLock { state in
      for batch in reports { state.reportCount += batch.count }
      state.reports += reports
      state.posted += 1
      guard state.takesAllAtOnce || state.reportCount > Self.reportsThatWake else { return false }
      return state.takeWake()
    }
    if wakes { alarm.ring() }
  }

  /// Wakes the timekeeper only if the deadline is before the one that it sleeps until.
  func park(_ park: ParkID, until deadline: Int64) {
    let wakes = state.withLock { state in
      state.items.append(.input(.park(park, until: deadline)))
      state.posted += 1
      let isSoon = deadline < state.wakesAt || state.observers > 0
      guard isSoon || state.items.count > Self.reportsThatWake else { return false }
      return state.takeWake()
    }
    if wakes { alarm.ring() }
  }

  /// Swaps what has come into empty arrays.
  func take(into items: inout [Item], reports: inout [RunReports]) {
    state.withLock { state in
      state.isAsleep = false
      swap(&state.items, &items)
      state.takeReports(into: &reports)
    }
  }

  /// Swaps the reports alone into an empty array.
  func take(reports: inout [RunReports]) { state.withLock { $0.takeReports(into: &reports) } }

  /// Whether nothing has come, so that the caller may sleep.
  func fallAsleep(until deadline: Int64?, wantsReports: Bool) -> Bool {
    let (isAsleep, isObserved) = state.withLock { state in
      state.wantsReports = wantsReports
      state.wakesAt = deadline ?? .max
      state.isAsleep = state.items.isEmpty && (state.reports.isEmpty || !state.takesAllAtOnce)
      return (state.isAsleep, state.observers > 0)
    }
    if isAsleep, isObserved { state.broadcast() }
    return isAsleep
  }

  /// Makes the timekeeper look at what may wait, and blocks until it sleeps with nothing left; answers how much has come
  /// so far.
  func waitUntilQuiet() -> UInt64 {
    state.withLock { state in
      state.observers += 1
      state.isAsleep = false
    }
    alarm.ring()
    let posted = state.wait { state in state.isQuiet ? state.posted : nil }
    state.withLock { $0.observers -= 1 }
    return posted
  }

  /// Whether nothing waits to be taken.
  var isEmpty: Bool { state.withLock { $0.items.isEmpty && $0.reports.isEmpty } }

  var posted: UInt64 { state.withLock { $0.posted } }

  /// Elapsed time at which the timekeeper wakes by itself, as it said when it fell asleep last; nil is never.
  var wakesAt: Int64? { state.withLock { $0.wakesAt == .max ? nil : $0.wakesAt } }
}

extension Inbox.State {
  fileprivate var isQuiet: Bool { isAsleep && items.isEmpty && reports.isEmpty }

  fileprivate var takesAllAtOnce: Bool { wantsReports || observers > 0 }

  fileprivate mutating func takeReports(into other: inout [RunReports]) {
    swap(&reports, &other)
    reportCount = 0
  }

  fileprivate mutating func takeWake() -> Bool {
    guard isAsleep else { return false }
    isAsleep = false
    return true
  }
}
