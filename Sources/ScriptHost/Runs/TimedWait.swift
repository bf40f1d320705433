import MoonwheelModel
import SchedulerCore

/// A run of a batch that waits for a length of time. It has done nothing else that the host would have to know of.
struct TimedWait {
  var dispatch: Dispatch
  var limits: RunLimits
  /// When it entered Lua first, and what it has used on workers.
  var past: SilentEnds.Past
  var park: ParkID
  /// Elapsed time at which it goes on.
  var until: Int64

  var softAt: Int64 { past.startedAt.saturatingSum(limits.soft) }
}

/// Naps by coroutine.
struct TimedWaitTable {
  private var timedWaits: ContiguousArray<TimedWait?> = []
  private(set) var count = 0

  subscript(coroutine: UInt32) -> TimedWait? { Int(coroutine) < timedWaits.count ? timedWaits[Int(coroutine)] : nil }

  mutating func insert(_ timedWait: TimedWait) {
    let place = Int(timedWait.park.coroutine)
    while timedWaits.count <= place { timedWaits.append(nil) }
    timedWaits[place] = timedWait
    count += 1
  }

  mutating func remove(_ coroutine: UInt32) {
    guard self[coroutine] != nil else { return }
    timedWaits[Int(coroutine)] = nil
    count -= 1
    if count == 0, timedWaits.count > 4_096 { self = TimedWaitTable() }  // a burst's storage is given back
  }

  /// Takes out all, by coroutine.
  mutating func removeAll() -> [TimedWait] {
    guard count > 0 else { return [] }
    defer { self = TimedWaitTable() }
    return timedWaits.compactMap { $0 }
  }
}

extension ActiveRun {
  init(_ timedWait: TimedWait) {
    self.init(timedWait.dispatch, limits: timedWait.limits, now: timedWait.past.startedAt)
    workerTime = timedWait.past.used
    peakMemory = timedWait.past.peakMemory
  }
}
