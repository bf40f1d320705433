import LuaRuntime
import MoonwheelCore
import SystemCalls
import Triggers
import WorkerPool

/// A run of a batch that waits for a length of time. It has done nothing else that the host would have to know of.
struct Nap {
  var dispatch: Dispatch
  var limits: RunLimits
  /// When it entered Lua first, and what it has used on workers.
  var past: PlainEnds.Past
  var park: ParkID
  /// Elapsed time at which it goes on.
  var until: Int64

  fileprivate var softAt: Int64 { past.startedAt.saturatingSum(limits.soft) }
}

/// Naps by coroutine.
struct NapTable {
  private var naps: ContiguousArray<Nap?> = []
  private(set) var count = 0

  subscript(coroutine: UInt32) -> Nap? { Int(coroutine) < naps.count ? naps[Int(coroutine)] : nil }

  mutating func insert(_ nap: Nap) {
    let place = Int(nap.park.coroutine)
    while naps.count <= place { naps.append(nil) }
    naps[place] = nap
    count += 1
  }

  mutating func remove(_ coroutine: UInt32) {
    guard self[coroutine] != nil else { return }
    naps[Int(coroutine)] = nil
    count -= 1
    if count == 0, naps.count > 4_096 { self = NapTable() }  // a burst's storage is given back
  }

  /// Takes out all, by coroutine.
  mutating func removeAll() -> [Nap] {
    guard count > 0 else { return [] }
    defer { self = NapTable() }
    return naps.compactMap { $0 }
  }
}

/// Runs of batches that `sleep`: they go on together too, without what a wait costs that anything may end.
extension ScriptIsolate {
  /// Runs of a batch have begun to nap.
  func begin(_ starts: [NapStart], of plain: PlainEnds) {
    guard !starts.isEmpty else { return }
    var parks: [TimedPark] = []
    parks.reserveCapacity(starts.count)
    for start in starts {
      let entered = start.position == 0 ? plain.began : plain.end(start.position - 1).time
      let left = plain.end(start.position).time
      var past = plain.past(start.position, entered: entered)
      past.used += left - entered
      if !plain.peaks.isEmpty {
        past.peakMemory = max(past.peakMemory, plain.peaks[start.position])
      }
      let dispatch = plain.dispatches[plain.first + start.position]
      let nap = Nap(
        dispatch: dispatch,
        limits: waking.isEmpty
          ? registry[dispatch.handle]?.policy.value.limits ?? RunLimits()
          : waking[start.position].limits,
        past: past, park: newPark(of: start.coroutine), until: left.saturatingSum(start.length))
      naps.insert(nap)
      let wakesAt = min(nap.until, nap.softAt)
      if wakesAt != .max { parks.append(TimedPark(nap.park, until: wakesAt)) }
    }
    if engine.inbox.park(parks) { noteQuietPost() }
    notePosted(parks.count)
  }

  /// Lets naps go on that are over, as far as they come next; false where something else does.
  func wakeNaps() -> Bool {
    guard naps.count > 0, let isolate else { return false }
    let began = Clocks.monotonic()
    let now = engine.clock.elapsed
    let offset = now - began
    gatherNaps(now: now, offset: offset)
    guard !waking.isEmpty else { return false }
    batchOffset = offset
    let end = isolate.wake(wakeBatch, at: began, sliceEnd: sliceEnd)
    batchOffset = nil
    let begun = end.ends.count + (end.next == nil ? 0 : 1)
    nextTimeout += begun
    for nap in waking.prefix(begun) { naps.remove(nap.park.coroutine) }
    let plain = PlainEnds(
      waking.map(\.dispatch), from: 0, began: now, ends: end.ends, offset: offset,
      pasts: waking.map(\.past), peaks: end.peaks)
    add(plain)
    begin(end.naps, of: plain)
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
  private func gatherNaps(now: Int64, offset: Int64) {
    wakeBatch.removeAll()
    waking.removeAll(keepingCapacity: true)
    var place = nextTimeout
    while !wakeBatch.isFull, place < timeouts.count, let nap = naps[timeouts[place].coroutine],
      nap.park == timeouts[place], nap.until <= now, nap.softAt > now
    {
      let evictAt = nap.past.startedAt.saturatingSum(nap.limits.firstTurn.evict)
      wakeBatch.append(
        nap.park.coroutine, softAt: nap.softAt == .max ? .max : nap.softAt - offset,
        evictAt: evictAt == .max ? .max : evictAt - offset, wantsPeak: nap.dispatch.isRecorded)
      waking.append(nap)
      place += 1
    }
  }

  /// A nap becomes a wait like any other.
  func keepNap(of park: ParkID) {
    guard let nap = naps[park.coroutine], nap.park == park else { return }
    naps.remove(park.coroutine)
    keep(nap)
  }

  /// All do.
  func keepNaps() { for nap in naps.removeAll() { keep(nap) } }

  private func keep(_ nap: Nap) {
    parked[nap.park.coroutine] = ParkedRun(
      run: ActiveRun(nap), park: nap.park, deadline: nap.until)
  }
}

extension ActiveRun {
  init(_ nap: Nap) {
    self.init(nap.dispatch, limits: nap.limits, now: nap.past.startedAt)
    workerTime = nap.past.used
    peakMemory = nap.past.peakMemory
  }
}
