import LuaRuntime
import MoonwheelModel
import SchedulerCore
import SystemCalls
import WorkerPool

/// Runs that are given nothing, which most fires are: started one after the other without a way back to the host between
/// them.
extension ScriptIsolate {
  /// Starts what has come next, as far as it is such runs; false where it is something else.
  func startBatch() -> Bool {
    guard engine.startsBatches, privateRun == nil, let isolate else { return false }
    if batch.left == 0 { gatherBatch() }
    guard batch.left > 0 else { return false }
    let now = engine.clock.read()
    let began = Clocks.monotonic()
    let offset = now.elapsed - began
    batchOffset = offset
    let end = isolate.start(
      &batch, at: began, sliceEnd: sliceEnd, wallOffset: now.wall.nanoseconds - began)
    batchOffset = nil
    let silent = SilentEnds(
      starts, from: nextStart, began: began + offset, endTimes: end.ends, offset: offset,
      peaks: end.peaks)
    add(silent)
    begin(end.timedWaits, of: silent)
    nextStart += end.ends.count
    if let outcome = end.next {
      nextStart += 1
      let entered = end.ends.last.map(abs) ?? began
      leaveBatch(
        active(starts[nextStart - 1], since: entered + offset), outcome, began: entered,
        offset: offset)
    }
    return true
  }

  private func gatherBatch() {
    batch.removeAll()
    var place = nextStart
    var areRecorded = false
    while !batch.isFull, place < starts.count, starts[place].hasNoInput,
      let plan = registry.callbackStart(starts[place].handle)
    {
      batch.append(starts[place], plan)
      areRecorded = areRecorded || starts[place].isRecorded
      place += 1
    }
    batch.wantsPeaks = areRecorded
  }

  /// Starts a handler of an event that is passed nothing else; false where that is not so, and nothing has happened then.
  func startHandler(_ dispatch: Dispatch) -> Bool {
    guard engine.startsBatches, let isolate, dispatch.attempt == 1,
      case (let event, let payload)? = dispatch.soleEvent,
      let plan = registry.callbackStart(dispatch.handle)
    else { return false }
    let start = handlerStart ?? HandlerStart(engine.clock)
    let (began, offset) = (start.at, start.offset)
    batchOffset = offset
    handling = dispatch
    let (end, outcome) = isolate.start(
      dispatch, event, payload, plan, at: began, sliceEnd: sliceEnd, wallOffset: start.wallOffset)
    batchOffset = nil
    handling = nil
    if let outcome {
      handlerStart = nil
      leaveBatch(active(dispatch, since: began + offset), outcome, began: began, offset: offset)
      return true
    }
    handlerStart?.at = end
    var origin = dispatch
    origin.hasSuccessor = takeSuccessor(of: dispatch.extras?.content.lease, origin)
    add(
      RunReport(
        origin, outcome: .succeeded(.nil), startedAt: began + offset, endedAt: end + offset,
        processorTime: end - began,
        details: origin.isRecorded ? RunReportExtras(peakMemory: Int64(isolate.memoryPeak)) : nil))
    return true
  }

  /// A run of a batch did more than to end, and is like any other from here on. It began its turn at a monotonic time.
  func leaveBatch(
    _ entered: @autoclosure () -> ActiveRun, _ outcome: IsolateOutcome, began: Int64, offset: Int64
  ) {
    var run = current ?? entered()
    current = nil
    let now = Clocks.monotonic()
    run.workerTime += now - began
    run.peakMemory = max(run.peakMemory, isolate?.memoryPeak ?? 0)
    if let isolate { noteCause(isolate.endCause, of: &run) }
    run.noteTurn(elapsed: now + offset)
    settle(outcome, run)
  }

  /// The run of a batch that is under way.
  func runInBatch() -> ActiveRun? {
    guard let batchOffset, let (position, began) = isolate?.placeInBatch else { return nil }
    if let handling { return active(handling, since: began + batchOffset) }
    return waking.isEmpty
      ? active(starts[nextStart + position], since: began + batchOffset)
      : ActiveRun(waking[position])
  }

  private func active(_ dispatch: Dispatch, since start: Int64) -> ActiveRun {
    ActiveRun(
      dispatch, limits: registry[dispatch.handle]?.policy.value.limits ?? RunLimits(), now: start)
  }
}

extension Dispatch {
  /// Nothing is passed.
  fileprivate var hasNoInput: Bool { extras == nil && attempt == 1 }

  /// The event that a script emitted, where nothing else is passed.
  fileprivate var soleEvent: (Event, EncodedValue)? {
    guard let extras = extras?.content, extras.state == nil, extras.hook == nil,
      extras.latest == nil, case .event(let event) = extras.payload,
      let payload = event.encodedPayload
    else { return nil }
    return (event, payload)
  }
}

/// When a handler starts, in monotonic time, and what is added to that to get elapsed and wall time.
struct HandlerStart {
  var at: Int64
  let offset: Int64
  let wallOffset: Int64

  init(at: Int64, offset: Int64, wallOffset: Int64) {
    self.at = at
    self.offset = offset
    self.wallOffset = wallOffset
  }

  /// Now.
  init(_ clock: any SchedulerClock) {
    let now = clock.read()
    at = Clocks.monotonic()
    offset = now.elapsed - at
    wallOffset = now.wall.nanoseconds - at
  }
}
