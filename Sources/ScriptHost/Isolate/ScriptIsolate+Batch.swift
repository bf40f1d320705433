import LuaRuntime
import MoonwheelModel
import SchedulerCore
import SystemCalls
import WorkerPool

/// Batches: runs without input, which most fires are, start back to back without returning to Swift between them.
extension ScriptIsolate {
  /// Starts the next runs as far as they have no input. Returns false if the next one cannot run in a batch.
  func startBatch() -> Bool {
    guard environment.startsBatches, privateRun == nil, let isolate else { return false }
    if batch.left == 0 { gatherBatch() }
    guard batch.left > 0 else { return false }
    let now = environment.clock.read()
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
    var index = nextStart
    var areRecorded = false
    while !batch.isFull, index < starts.count, starts[index].hasNoInput,
      let plan = registry.callbackStart(starts[index].handle)
    {
      batch.append(starts[index], plan)
      areRecorded = areRecorded || starts[index].isRecorded
      index += 1
    }
    batch.wantsPeaks = areRecorded
  }

  /// Starts a run whose only input is an event that a script emitted. Returns false for any other run, and has no
  /// effect then.
  func startHandler(_ dispatch: Dispatch) -> Bool {
    guard environment.startsBatches, let isolate, dispatch.attempt == 1,
      case (let event, let payload)? = dispatch.soleEvent,
      let plan = registry.callbackStart(dispatch.handle)
    else { return false }
    let start = handlerStart ?? HandlerStart(environment.clock)
    let (began, offset) = (start.at, start.offset)
    batchOffset = offset
    handlerDispatch = dispatch
    let (end, outcome) = isolate.start(
      dispatch, event, payload, plan, at: began, sliceEnd: sliceEnd, wallOffset: start.wallOffset)
    batchOffset = nil
    handlerDispatch = nil
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

  /// A run of a batch did more than end silently: it continues as a run outside of batches. `began` is the monotonic
  /// time of its start.
  func leaveBatch(
    _ entered: @autoclosure () -> ActiveRun, _ outcome: IsolateOutcome, began: Int64, offset: Int64
  ) {
    var run = current ?? entered()
    current = nil
    let now = Clocks.monotonic()
    run.workerTime += now - began
    run.peakMemory = max(run.peakMemory, isolate?.memoryPeak ?? 0)
    if let isolate { applyEndCause(isolate.endCause, of: &run) }
    run.markInterruptIfDue(elapsed: now + offset)
    handleOutcome(outcome, run)
  }

  /// The run of the batch that executes now.
  func currentBatchRun() -> ActiveRun? {
    guard let batchOffset, let (position, began) = isolate?.positionInBatch else { return nil }
    if let handlerDispatch { return active(handlerDispatch, since: began + batchOffset) }
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
  fileprivate var hasNoInput: Bool { extras == nil && attempt == 1 }

  /// The event, if it is the only input and a script emitted it.
  fileprivate var soleEvent: (Event, EncodedValue)? {
    guard let extras = extras?.content, extras.state == nil, extras.hook == nil,
      extras.latest == nil, case .event(let event) = extras.payload,
      let payload = event.encodedPayload
    else { return nil }
    return (event, payload)
  }
}
