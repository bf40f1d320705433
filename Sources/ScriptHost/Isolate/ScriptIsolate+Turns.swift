import LuaRuntime
import MoonwheelModel
import SchedulerCore
import SystemCalls
import Triggers
import WorkerPool

/// The way into Lua and out. Every run enters by ``takeTurns(of:at:)``, in a batch, and leaves by the end of its turn:
/// silently, waiting for a duration, or by ``leave(_:_:_:)`` if it did anything else.
extension ScriptIsolate {
  /// The runs of the batch under way.
  enum Entrants {
    case none
    /// Those of `starts`, from `nextStart` on.
    case starts
    /// Those that `timeouts` names, from `nextTimeout` on.
    case timeouts
    /// One, which is ``ScriptIsolate/current``.
    case one
  }

  private func takeTurns(
    of entrants: Entrants, at time: EntryTime
  ) -> (taken: Int, outcome: IsolateOutcome?) {
    guard let isolate else { return (0, nil) }
    self.entrants = entrants
    entryTime = time
    defer { self.entrants = .none }
    if case .one = entrants { return isolate.run(&single, at: time.batch) }
    return isolate.run(&batch, at: time.batch)
  }

  /// Now.
  private func readTime() -> EntryTime {
    EntryTime(environment.clock, environment.meter, sliceEnd: sliceEnd)
  }

  // MARK: Starts

  /// Starts the next run, and those after it that need no more than their callback and a payload.
  func startNext() {
    if batch.left == 0, privateRun == nil, !environment.isDry {
      let (callbacks, limits) = (registry.starts, environment.meter.firstLimits)
      batch.fill(with: starts[nextStart...], callbacks, limits)
    }
    guard batch.left > 0, isolate != nil else {
      nextStart += 1
      nextTime = nil  // this start takes time
      return start(starts[nextStart - 1])
    }
    let time = nextTime ?? readTime()
    let (taken, outcome) = takeTurns(of: .starts, at: time)
    let silent = outcome == nil ? taken : taken - 1
    let left = endStarts(silent, batch, at: time)
    nextTime = nil
    guard let outcome else {
      nextStart += taken
      if isChaining { nextTime = isolate.map { time.advanced(by: $0.positionInBatch.passed) } }
      return
    }
    let run = current ?? liveRun(starts[nextStart + silent], since: left)
    nextStart += taken
    leave(run, outcome, batch.end(silent))
  }

  /// Ends the first runs of the batch, which ended silently or wait. Returns the elapsed time at which the last one left.
  private func endStarts(_ count: Int, _ batch: borrowing RunBatch, at time: EntryTime) -> Int64 {
    let starts = starts
    let (pace, unit) = (time.batch.pace, environment.meter.unit)
    // An event that follows another costs 3 % less without the lists below (SpeedBenchmark `event 100`).
    if count == 1, starts[nextStart].extras != nil, batch.end(0).coroutine == 0 {
      let used = batch.end(0).used &* unit
      let left = time.elapsed &+ used &* pace
      let entry = RunEnds.Entry(startedAt: time.elapsed, endedAt: left, processorTime: used)
      endWithInputs(starts[nextStart], batch.end(0), entry)
      return left
    }
    let (entries, left, haveWaits) = batch.entries(
      count, from: time.elapsed, pace: pace, unit: unit)
    var ends = RunEnds(of: starts, from: nextStart, entries)
    guard haveWaits || !batch.isWithoutInput else {
      add(ends)
      return left
    }
    var parks: [TimedPark] = []
    for position in 0..<count {
      let end = batch.end(position)
      let entry = entries[position]
      let dispatch = starts[nextStart + position]
      if end.coroutine != 0 {
        let run = liveRun(dispatch, since: entry.startedAt)
        run.add(end, entry.processorTime)
        let left = entry.startedAt &+ entry.processorTime &* pace
        wait(run, end.coroutine, until: left.saturatingSum(end.length), &parks)
      } else if dispatch.extras != nil {
        endWithInputs(dispatch, end, entry)
        ends.skip(position)
      } else if dispatch.isRecorded {
        ends.setPeakMemory(end.peak, of: position)
      }
    }
    add(ends)
    post(parks)
    return left
  }

  /// Ends a run silently that had inputs, and takes the next event of its lease.
  private func endWithInputs(_ dispatch: Dispatch, _ end: TurnResult, _ entry: RunEnds.Entry) {
    var dispatch = dispatch
    dispatch.hasSuccessor = takeSuccessor(of: dispatch)
    add(
      RunEnd(
        dispatch, outcome: .succeeded(.nil), startedAt: entry.startedAt, endedAt: entry.endedAt,
        processorTime: entry.processorTime,
        details: dispatch.isRecorded ? RunEndDetails(peakMemory: Int64(end.peak)) : nil))
  }

  // MARK: Waits

  /// Continues the next run whose wait is over, and those after it that wait for a duration.
  func resumeNext() {
    let time = readTime()
    if batch.left == 0 { gatherTimeouts(at: time) }
    guard batch.left > 0, isolate != nil else {
      nextTimeout += 1
      return resume(timeouts[nextTimeout - 1], .timeout)
    }
    let (taken, outcome) = takeTurns(of: .timeouts, at: time)
    let woken = timeouts[nextTimeout..<nextTimeout + taken].compactMap { live.remove($0.coroutine) }
    nextTimeout += taken
    endWoken(woken.prefix(outcome == nil ? taken : taken - 1), batch, at: time)
    guard let outcome, let last = woken.last else { return }
    leave(last, outcome, batch.end(taken - 1))
  }

  /// Fills the batch with the runs at the front of `timeouts`. Stops at one that waits for the host, too, and at one whose
  /// limit has come, since that must be interrupted.
  private func gatherTimeouts(at time: EntryTime) {
    batch.removeAll()
    for park in timeouts[nextTimeout...].prefix(batch.capacity) {
      guard let run = live[park.coroutine], run.park == park, run.until <= time.elapsed,
        !run.waitsForHost, run.limits.cpu == .max, !run.isDue(elapsed: time.elapsed)
      else { return }
      batch.continue(park.coroutine, environment.meter.limits(of: run, elapsed: time.elapsed))
    }
  }

  /// Ends runs that ended silently or wait again.
  private func endWoken(
    _ woken: ArraySlice<LiveRun>, _ batch: borrowing RunBatch, at time: EntryTime
  ) {
    let unit = environment.meter.unit
    var left = time.elapsed
    var parks: [TimedPark] = []
    let entries = woken.enumerated().map { position, run in
      let end = batch.end(position)
      let used = end.used &* unit
      left = left &+ used &* time.batch.pace
      run.add(end, used)
      if end.coroutine != 0 {
        wait(run, end.coroutine, until: left.saturatingSum(end.length), &parks)
      } else if run.details != nil || run.dispatch.extras != nil || run.dispatch.isRecorded {
        report(run, .succeeded(.nil))
      } else {
        return RunEnds.Entry(startedAt: run.startedAt, endedAt: left, processorTime: run.used)
      }
      return RunEnds.Entry.open
    }
    add(RunEnds(of: woken.map(\.dispatch), from: 0, entries))
    post(parks)
  }

  /// Lets a run wait until an elapsed time, or until its limit ends the wait.
  private func wait(
    _ run: LiveRun, _ coroutine: UInt32, until: Int64, _ parks: inout [TimedPark]
  ) {
    run.park = makePark(of: coroutine)
    run.until = until
    run.waitsForHost = false
    live.insert(run)
    clearBusy(run)
    let limit = run.waitLimit(
      wasInterrupted: wasInterrupted(coroutine), now: environment.clock.elapsed)
    let wakesAt = min(until, limit)
    if wakesAt != .max { parks.append(TimedPark(run.park, until: wakesAt)) }
  }

  /// Lets a run wait that did more in its turn than that.
  func wait(_ run: LiveRun, _ coroutine: UInt32, for length: Int64) {
    var parks: [TimedPark] = []
    wait(run, coroutine, until: environment.deadline(in: length), &parks)
    post(parks)
  }

  private func post(_ parks: [TimedPark]) {
    guard !parks.isEmpty else { return }
    if environment.inbox.park(parks) { flushSoon() }
    countPosted(parks.count)
  }

  // MARK: One run

  /// Gives a run a turn of its own.
  func enter(_ run: LiveRun, _ fill: (inout RunBatch, TurnLimits) -> Void) {
    guard isolate != nil else {
      report(run, .abandoned(RunFailure(message: "\(name): its isolate is gone")))
      return
    }
    let time = readTime()
    let cpu = environment.meter.threadTime(of: run)
    single.removeAll()
    fill(&single, environment.meter.limits(of: run, elapsed: time.elapsed))
    current = run
    let outcome = takeTurns(of: .one, at: time).outcome
    if let cpu { run.addCPU(Clocks.threadCPU() - cpu) }
    let end = single.end(0)
    leave(run, outcome ?? end.silentOutcome, end)
  }

  /// A run has done more in its turn than to end silently or to wait for a duration.
  private func leave(_ run: LiveRun, _ outcome: IsolateOutcome, _ end: TurnResult) {
    current = nil
    let used = end.used &* environment.meter.unit
    run.add(end, used)
    if case .counted = environment.meter { run.addCPU(used) }
    if let isolate { applyEndCause(isolate.endCause, of: run) }
    run.markInterruptIfDue(elapsed: environment.clock.elapsed)
    handleOutcome(outcome, run)
  }

  // MARK: The run under way

  /// The dispatch of the run that executes now.
  var currentDispatch: Dispatch? {
    if let current { return current.dispatch }
    guard let position = isolate?.positionInBatch.position else { return nil }
    return switch entrants {
    case .none, .one: nil
    case .starts: starts[nextStart + position]
    case .timeouts: live[timeouts[nextTimeout + position].coroutine]?.dispatch
    }
  }

  /// The run of the batch that executes now.
  func runInBatch() -> LiveRun? {
    guard let (position, passed) = isolate?.positionInBatch else { return nil }
    return switch entrants {
    case .none, .one: nil
    case .starts:
      liveRun(
        starts[nextStart + position],
        since: entryTime.elapsed &+ passed &* entryTime.batch.pace)
    case .timeouts: live[timeouts[nextTimeout + position].coroutine]
    }
  }

  private func liveRun(_ dispatch: Dispatch, since start: Int64) -> LiveRun {
    LiveRun(
      dispatch, limits: registry[dispatch.handle]?.policy.value.limits ?? RunLimits(), now: start)
  }
}

/// When a batch begins, on the scheduler's clock and on the machine's.
struct EntryTime {
  /// In nanoseconds.
  var elapsed: Int64
  var batch: BatchTime

  /// The time of the batch that follows at once after one that took so many nanoseconds.
  func advanced(by passed: Int64) -> EntryTime {
    var next = self
    next.elapsed &+= passed &* batch.pace
    next.batch.now &+= passed
    next.batch.wall &+= passed &* batch.pace
    return next
  }
}

extension EntryTime {
  /// Now.
  @inline(__always)
  init(_ clock: any SchedulerClock, _ meter: RunMeter, sliceEnd: Int64) {
    let now = clock.read()
    elapsed = now.elapsed
    batch = BatchTime(
      now: Clocks.monotonic(), sliceEnd: sliceEnd, wall: now.wall.nanoseconds, pace: clock.pace,
      work: InstructionMeter.slice, realEnd: meter.realEnd)
  }
}

extension RunBatch {
  /// Fills the batch with starts, up to one that ``ScriptIsolate/start(_:)`` must start.
  fileprivate mutating func fill(
    with starts: ArraySlice<Dispatch>, _ callbacks: JobRegistry.Starts, _ limits: TurnLimits?
  ) {
    removeAll()
    for index in starts.indices.prefix(capacity) {
      if starts[index].extras != nil, let inputs = starts[index].extras?.content,
        inputs.hook != nil || inputs.latest != nil
      {
        return
      }
      guard !isFull, let start = callbacks[starts[index].handle] else { return }
      self.start(starts[index], start, limits ?? start.limits)
    }
  }
}

extension LiveRun {
  /// Adds a turn.
  fileprivate func add(_ end: TurnResult, _ used: Int64) {
    self.used += used
    peakMemory = max(peakMemory, end.peak)
  }
}

extension TurnResult {
  /// The outcome of a turn that had none.
  fileprivate var silentOutcome: IsolateOutcome {
    coroutine == 0 ? .finished(.nil) : .parked(coroutine, length: length)
  }
}
