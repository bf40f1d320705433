import SystemCalls
import LuaRuntime
import MoonwheelModel
import SchedulerCore
import Triggers
import WorkerPool

/// A run of a batch that waits for a length of time. It has done nothing else that the host would have to know of.
struct TimedWait {
  var dispatch: Dispatch
  var limits: RunLimits
  /// When it entered Lua first, and what it has used on workers.
  var past: SilentEnds.Past
  var park: ParkID
  /// Elapsed time at which it goes on.
  var until: Int64

  fileprivate var softAt: Int64 { past.startedAt.saturatingSum(limits.soft) }
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

/// Runs of batches that `sleep`: they go on together too, without what a wait costs that anything may end.
extension ScriptIsolate {
  /// Runs of a batch have begun to nap.
  func begin(_ starts: [TimedWaitStart], of silent: SilentEnds) {
    guard !starts.isEmpty else { return }
    var parks: [TimedPark] = []
    parks.reserveCapacity(starts.count)
    for start in starts {
      let entered = start.position == 0 ? silent.began : silent.end(start.position - 1).time
      let left = silent.end(start.position).time
      var past = silent.past(start.position, entered: entered)
      past.used += left - entered
      if !silent.peaks.isEmpty {
        past.peakMemory = max(past.peakMemory, silent.peaks[start.position])
      }
      let dispatch = silent.dispatches[silent.first + start.position]
      let timedWait = TimedWait(
        dispatch: dispatch,
        limits: waking.isEmpty
          ? registry[dispatch.handle]?.policy.value.limits ?? RunLimits()
          : waking[start.position].limits,
        past: past, park: newPark(of: start.coroutine), until: left.saturatingSum(start.length))
      timedWaits.insert(timedWait)
      let wakesAt = min(timedWait.until, timedWait.softAt)
      if wakesAt != .max { parks.append(TimedPark(timedWait.park, until: wakesAt)) }
    }
    if engine.inbox.park(parks) { noteDeferredPost() }
    notePosted(parks.count)
  }

  /// Lets naps go on that are over, as far as they come next; false where something else does.
  func wakeTimedWaits() -> Bool {
    guard timedWaits.count > 0, let isolate else { return false }
    let began = Clocks.monotonic()
    let now = engine.clock.elapsed
    let offset = now - began
    gatherTimedWaits(now: now, offset: offset)
    guard !waking.isEmpty else { return false }
    batchOffset = offset
    let end = isolate.wake(wakeBatch, at: began, sliceEnd: sliceEnd)
    batchOffset = nil
    let begun = end.ends.count + (end.next == nil ? 0 : 1)
    nextTimeout += begun
    for timedWait in waking.prefix(begun) { timedWaits.remove(timedWait.park.coroutine) }
    let silent = SilentEnds(
      waking.map(\.dispatch), from: 0, began: now, endTimes: end.ends, offset: offset,
      pasts: waking.map(\.past), peaks: end.peaks)
    add(silent)
    begin(end.timedWaits, of: silent)
    let woken = waking
    waking.removeAll(keepingCapacity: true)
    if let outcome = end.next {
      leaveBatch(
        ActiveRun(woken[begun - 1]), outcome, began: end.ends.last.map(abs) ?? began,
        offset: offset)
    }
    return true
  }

  /// Not one whose limit has come: it is interrupted.
  private func gatherTimedWaits(now: Int64, offset: Int64) {
    wakeBatch.removeAll()
    waking.removeAll(keepingCapacity: true)
    var place = nextTimeout
    while !wakeBatch.isFull, place < timeouts.count, let timedWait = timedWaits[timeouts[place].coroutine],
      timedWait.park == timeouts[place], timedWait.until <= now, timedWait.softAt > now
    {
      let evictAt = timedWait.past.startedAt.saturatingSum(timedWait.limits.firstTurn.evict)
      wakeBatch.append(
        timedWait.park.coroutine, softAt: timedWait.softAt == .max ? .max : timedWait.softAt - offset,
        evictAt: evictAt == .max ? .max : evictAt - offset, wantsPeak: timedWait.dispatch.isRecorded)
      waking.append(timedWait)
      place += 1
    }
  }

  /// A nap becomes a wait like any other.
  func keepTimedWait(of park: ParkID) {
    guard let timedWait = timedWaits[park.coroutine], timedWait.park == park else { return }
    timedWaits.remove(park.coroutine)
    keep(timedWait)
  }

  /// All do.
  func keepTimedWaits() { for timedWait in timedWaits.removeAll() { keep(timedWait) } }

  private func keep(_ timedWait: TimedWait) {
    parked[timedWait.park.coroutine] = ParkedRun(
      run: ActiveRun(timedWait), park: timedWait.park, deadline: timedWait.until)
  }
}

extension ActiveRun {
  init(_ timedWait: TimedWait) {
    self.init(timedWait.dispatch, limits: timedWait.limits, now: timedWait.past.startedAt)
    workerTime = timedWait.past.used
    peakMemory = timedWait.past.peakMemory
  }
}
