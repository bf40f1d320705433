import LuaRuntime
import MoonwheelModel
import SchedulerCore
import SystemCalls
import Triggers
import WorkerPool

/// Runs of batches that `sleep`. They also continue in batches, which is cheaper than a wait that an event or a call
/// can end.
extension ScriptIsolate {
  /// Registers the timed waits that runs of a batch have begun.
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
        past: past, park: makePark(of: start.coroutine), until: left.saturatingSum(start.length))
      timedWaits.insert(timedWait)
      let wakesAt = min(timedWait.until, timedWait.softAt)
      if wakesAt != .max { parks.append(TimedPark(timedWait.park, until: wakesAt)) }
    }
    if environment.inbox.park(parks) { markDeferredPost() }
    countPosted(parks.count)
  }

  /// Continues the next timed waits that are over, in a batch. Returns false if the next timeout is of another kind.
  func wakeTimedWaits() -> Bool {
    guard timedWaits.count > 0, let isolate else { return false }
    let began = Clocks.monotonic()
    let now = environment.clock.elapsed
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

  /// Fills the wake batch with the timed waits at the front of `timeouts`. Stops at another kind of wait, and at a run
  /// whose limit has come, since that must be interrupted.
  private func gatherTimedWaits(now: Int64, offset: Int64) {
    wakeBatch.removeAll()
    waking.removeAll(keepingCapacity: true)
    var index = nextTimeout
    while !wakeBatch.isFull, index < timeouts.count,
      let timedWait = timedWaits[timeouts[index].coroutine],
      timedWait.park == timeouts[index], timedWait.until <= now, timedWait.softAt > now
    {
      let evictAt = timedWait.past.startedAt.saturatingSum(timedWait.limits.firstTurn.evict)
      wakeBatch.append(
        timedWait.park.coroutine,
        softAt: timedWait.softAt == .max ? .max : timedWait.softAt - offset,
        evictAt: evictAt == .max ? .max : evictAt - offset, wantsPeak: timedWait.dispatch.isRecorded
      )
      waking.append(timedWait)
      index += 1
    }
  }

  /// Turns a timed wait into a parked run.
  func parkTimedWait(of park: ParkID) {
    guard let timedWait = timedWaits[park.coroutine], timedWait.park == park else { return }
    timedWaits.remove(park.coroutine)
    addParked(timedWait)
  }

  func parkTimedWaits() { for timedWait in timedWaits.removeAll() { addParked(timedWait) } }

  private func addParked(_ timedWait: TimedWait) {
    parked[timedWait.park.coroutine] = ParkedRun(
      run: ActiveRun(timedWait), park: timedWait.park, deadline: timedWait.until)
  }
}
