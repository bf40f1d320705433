import MoonwheelModel
import SchedulerCore

/// A run of a batch that waits for a duration. So far it has done nothing else that the host must know.
struct TimedWait {
  var dispatch: Dispatch
  var limits: RunLimits
  /// Its start and its use of workers before this wait.
  var past: SilentEnds.Past
  var park: ParkID
  /// Elapsed time of its end.
  var until: Int64

  var softAt: Int64 { past.startedAt.saturatingSum(limits.soft) }
}

/// Timed waits by coroutine.
struct TimedWaitTable {
  private var timedWaits: ContiguousArray<TimedWait?> = []
  private(set) var count = 0

  subscript(coroutine: UInt32) -> TimedWait? {
    Int(coroutine) < timedWaits.count ? timedWaits[Int(coroutine)] : nil
  }

  mutating func insert(_ timedWait: TimedWait) {
    let index = Int(timedWait.park.coroutine)
    while timedWaits.count <= index { timedWaits.append(nil) }
    timedWaits[index] = timedWait
    count += 1
  }

  mutating func remove(_ coroutine: UInt32) {
    guard self[coroutine] != nil else { return }
    timedWaits[Int(coroutine)] = nil
    count -= 1
    // Give back the storage of a burst.
    if count == 0, timedWaits.count > 4_096 { self = TimedWaitTable() }
  }

  /// Removes and returns all, in order of coroutine.
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
