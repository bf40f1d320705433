import MoonwheelCore
import Synchronization
import WorkerPool

/// What the timekeeper is told by other threads, in order, and the bell that wakes it.
///
/// Reports of runs do not wake it while nothing depends on them: they are taken with the next fire. So at low rates a
/// fire costs one wake-up, not two.
final class Inbox: Sendable {
  enum Item: Sendable {
    case input(Input)
    case attach(ScriptIsolate)
    case stop
  }

  fileprivate struct State {
    var items: [Item] = []
    var isAsleep = false
    var wantsReports = false
    /// Elapsed time at which the timekeeper wakes anyhow.
    var wakesAt = Int64.max
  }

  /// So many reports wake it in any case, to bound what waits.
  private static let reportsThatWake = 4096

  private let state = Mutex(State())
  let alarm: Alarm

  init() throws(SystemCallError) { alarm = try Alarm() }

  func post(_ item: Item) {
    let wakes = state.withLock { state in
      state.items.append(item)
      return state.takeWake()
    }
    if wakes { alarm.ring() }
  }

  func post(_ input: Input) { post(.input(input)) }

  func post(reports: [RunReport]) {
    let wakes = state.withLock { state in
      for report in reports { state.items.append(.input(.finished(report))) }
      guard state.wantsReports || state.items.count > Self.reportsThatWake else { return false }
      return state.takeWake()
    }
    if wakes { alarm.ring() }
  }

  /// Wakes the timekeeper only if the deadline is before the one that it sleeps until.
  func park(_ park: ParkID, until deadline: Int64) {
    let wakes = state.withLock { state in
      state.items.append(.input(.park(park, until: deadline)))
      guard deadline < state.wakesAt || state.items.count > Self.reportsThatWake else { return false }
      return state.takeWake()
    }
    if wakes { alarm.ring() }
  }

  /// Swaps what has come into an empty array.
  func take(into items: inout [Item]) {
    state.withLock { state in
      state.isAsleep = false
      swap(&state.items, &items)
    }
  }

  /// Whether nothing has come, so that the caller may sleep.
  func fallAsleep(until deadline: Int64?, wantsReports: Bool) -> Bool {
    state.withLock { state in
      state.wantsReports = wantsReports
      state.wakesAt = deadline ?? .max
      state.isAsleep = !state.items.contains { !$0.mayWait(wantsReports) }
      return state.isAsleep
    }
  }

  /// Whether the timekeeper sleeps and nothing waits for it.
  var isQuiet: Bool { state.withLock { $0.isAsleep && $0.items.isEmpty } }

  /// Makes the timekeeper look at what may wait.
  func nudge() {
    state.withLock { $0.isAsleep = false }
    alarm.ring()
  }
}

extension Inbox.State {
  fileprivate mutating func takeWake() -> Bool {
    guard isAsleep else { return false }
    isAsleep = false
    return true
  }
}

extension Inbox.Item {
  fileprivate func mayWait(_ wantsReports: Bool) -> Bool {
    guard !wantsReports, case .input(.finished) = self else { return false }
    return true
  }
}
