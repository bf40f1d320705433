import CLuaBridge
import MoonwheelModel
import SchedulerCore

/// Turns of runs, which an isolate executes back to back: starts, and continuations of runs that wait.
///
/// Safe although it holds pointers: it alone owns the memory, every element below `count` is initialized, and it lends
/// the pointers only to ``Isolate``, for the time of a call.
@safe
public struct RunBatch: ~Copyable {
  private let turns: UnsafeMutablePointer<mw_turn>
  private let ends: UnsafeMutablePointer<TurnResult>
  /// The most turns that it holds.
  public let capacity: Int
  private var messages = MessageWriter()
  private var count = 0
  /// How many of the turns were taken.
  private var taken = 0
  /// Whether every turn starts a run that has no inputs and is not recorded.
  public private(set) var isWithoutInput = true

  public init(capacity: Int = 128) {
    self.capacity = capacity
    unsafe turns = .allocate(capacity: capacity)
    unsafe ends = .allocate(capacity: capacity)
  }

  deinit {
    unsafe turns.deallocate()
    unsafe ends.deallocate()
  }

  public var isFull: Bool { count == capacity || messages.bytes.count >= Self.messageLimit }

  /// Beyond so many bytes of inputs no further turn is added: runs may have a payload and a state of 1 MiB each.
  private static let messageLimit = 256 << 10

  /// How many turns were not taken.
  public var left: Int { count - taken }

  public mutating func removeAll() {
    count = 0
    taken = 0
    isWithoutInput = true
    messages.removeAll()
  }

  // MARK: Turns

  /// Adds the start of a run. Traps if the batch ``isFull``, as all of these do.
  public mutating func start(
    _ dispatch: borrowing Dispatch, _ start: CallbackStart, _ limits: TurnLimits = TurnLimits()
  ) {
    let message = messages.bytes.count
    var flags: UInt32 = 0
    if dispatch.extras != nil, let inputs = dispatch.extras {
      flags = append(inputs.content)
      isWithoutInput = false
    }
    if dispatch.isRecorded { isWithoutInput = false }
    append(
      mw_turn(
        kind: MW_START, coroutine: 0, callback: start.callback.rawValue,
        message_count: UInt32(messages.bytes.count - message), message: message,
        soft: limits.soft, evict: limits.evict,
        run: mw_run(
          id: dispatch.run.rawValue, job: dispatch.handle.rawValue, number: dispatch.number,
          scheduled_at: dispatch.scheduledAt.nanoseconds, fired_at: 0, attempt: dispatch.attempt,
          payload_flags: flags,
          // ``JobID/cancellationKey``, copied since the compiler would not inline it from another module.
          job_key: (dispatch.job.index ^ dispatch.job.reuse << 20) &+ 1,
          when: start.when.rawValue)))
  }

  /// Adds the inputs of a run to the messages. Returns what they are.
  private mutating func append(_ inputs: Dispatch.Extras) -> UInt32 {
    var flags: UInt32 = 0
    switch inputs.payload {
    case .none: break
    case .arguments(let value):
      flags |= MW_PAYLOAD_ARGUMENTS.rawValue
      messages.append(value)
    case .event(let event):
      flags |= MW_PAYLOAD_EVENT.rawValue
      messages.append(partsOf: event)
    case .events(let events):
      flags |= MW_PAYLOAD_EVENTS.rawValue
      messages.append(events)
    }
    if let state = inputs.state {
      flags |= MW_PAYLOAD_STATE.rawValue
      messages.append(state)
    }
    if let hook = inputs.hook {
      flags |= MW_PAYLOAD_VALUE.rawValue
      messages.append(hook.value)
    }
    return flags
  }

  /// Adds a call of a function, which gets these arguments and no run.
  public mutating func call(
    _ function: CallbackID, _ arguments: [Value] = [], _ limits: TurnLimits = TurnLimits()
  ) {
    append(MW_CALL, 0, function, limits) { messages in
      for argument in arguments { messages.append(argument) }
    }
  }

  /// Continues a run that waits: the host function that parked it returns these values.
  public mutating func resume(
    _ coroutine: UInt32, with values: [Value], _ limits: TurnLimits = TurnLimits()
  ) {
    append(MW_RESUME, coroutine, .none, limits) { messages in
      for value in values { messages.append(value) }
    }
  }

  /// Continues a run that waits: the host function that parked it returns this event.
  public mutating func resume(
    _ coroutine: UInt32, with event: Event, _ limits: TurnLimits = TurnLimits()
  ) {
    append(MW_RESUME, coroutine, .none, limits) { $0.append(event) }
  }

  /// Continues a run that waits: the host function that parked it raises this error.
  public mutating func resume(
    _ coroutine: UInt32, raising error: String, _ limits: TurnLimits = TurnLimits()
  ) {
    append(MW_RAISE, coroutine, .none, limits) { $0.append(raw: error.utf8) }
  }

  /// Continues a preempted run at its next instruction.
  public mutating func `continue`(_ coroutine: UInt32, _ limits: TurnLimits = TurnLimits()) {
    append(MW_RESUME, coroutine, .none, limits) { _ in }
  }

  /// Continues a run that waits or was preempted with the interrupt: an error that it cannot catch.
  public mutating func interrupt(_ coroutine: UInt32, _ limits: TurnLimits = TurnLimits()) {
    append(MW_INTERRUPT, coroutine, .none, limits) { _ in }
  }

  private mutating func append(
    _ kind: mw_turn_kind, _ coroutine: UInt32, _ callback: CallbackID, _ limits: TurnLimits,
    _ write: (inout MessageWriter) -> Void
  ) {
    isWithoutInput = false
    let message = messages.bytes.count
    write(&messages)
    append(
      mw_turn(
        kind: kind, coroutine: coroutine, callback: callback.rawValue,
        message_count: UInt32(messages.bytes.count - message), message: message,
        soft: limits.soft, evict: limits.evict, run: mw_run()))
  }

  @inline(__always)
  private mutating func append(_ turn: mw_turn) {
    precondition(count < capacity, "a batch holds \(capacity) turns")
    unsafe (turns + count).initialize(to: turn)
    count += 1
  }

  // MARK: Results

  /// Lets the bridge take the turns that are left. Returns how many were taken; the last one of them may have an outcome,
  /// the others have ended silently or wait.
  @unsafe
  mutating func run(
    in isolate: OpaquePointer, at time: BatchTime, _ outcome: inout mw_outcome
  ) -> Int {
    let (turns, left) = unsafe (turns + taken, left)
    let silent = unsafe ends.withMemoryRebound(to: mw_turn_end.self, capacity: capacity) { ends in
      unsafe messages.bytes.withUnsafeBufferPointer { messages in
        var batch = unsafe mw_batch(
          turns: turns, count: left, messages: messages.baseAddress, ends: ends, now: time.now,
          slice_end: time.sliceEnd, wall: time.wall, pace: time.pace, work: time.work,
          real_end: time.realEnd)
        return unsafe mw_run_batch(isolate, &batch, &outcome)
      }
    }
    let more = unsafe silent + (outcome.kind == MW_NONE ? 0 : 1)
    taken += more
    return more
  }

  /// The ends of the first turns that the last call took: of runs whose first one began at an elapsed time. Those that
  /// wait have not ended. Also returns when the last one left Lua, and whether any waits. See ``BatchTime/pace``; the
  /// results are in units of so many nanoseconds.
  public func entries(
    _ count: Int, from elapsed: Int64, pace: Int64, unit: Int64
  ) -> (entries: [RunEnds.Entry], left: Int64, haveWaits: Bool) {
    precondition(count <= capacity, "no such turns")
    guard count > 0 else { return ([], elapsed, false) }
    var (left, coroutines): (Int64, UInt32) = (elapsed, 0)
    let results = unsafe ends
    let entries = unsafe [RunEnds.Entry](unsafeUninitializedCapacity: count) { entries, filled in
      for position in 0..<count {
        let began = left
        let used = unsafe results[position].used &* unit
        left = left &+ used &* pace
        let coroutine = unsafe results[position].coroutine
        coroutines |= coroutine
        unsafe entries.initializeElement(
          at: position,
          to: RunEnds.Entry(
            startedAt: began, endedAt: coroutine == 0 ? left : .min, processorTime: used))
      }
      filled = count
    }
    return (entries, left, coroutines != 0)
  }

  /// How one of the turns that the last call took went; from 0.
  public func end(_ position: Int) -> TurnResult {
    precondition(UInt(bitPattern: position) < UInt(bitPattern: capacity), "no such turn")
    return unsafe ends[position]
  }
}

/// When the turns of a batch begin, and until when they may last.
public struct BatchTime: Sendable {
  /// Monotonic time, in nanoseconds.
  public var now: Int64
  /// Monotonic time, in nanoseconds: the current turn is preempted, and no other begins.
  public var sliceEnd: Int64
  /// Wall time in nanoseconds since 1970.
  public var wall: Int64
  /// How many nanoseconds the host's clocks advance in a nanosecond of monotonic time: 1, or 0 while its time stands still.
  public var pace: Int64
  /// The slice of each turn of a simulated isolate, in VM instructions.
  public var work: Int64
  /// Monotonic time, in nanoseconds: the runs of a simulated isolate are interrupted.
  public var realEnd: Int64

  public init(
    now: Int64, sliceEnd: Int64 = .max, wall: Int64 = 0, pace: Int64 = 1, work: Int64 = .max,
    realEnd: Int64 = .max
  ) {
    self.now = now
    self.sliceEnd = sliceEnd
    self.wall = wall
    self.pace = pace
    self.work = work
    self.realEnd = realEnd
  }
}

/// When a run is interrupted, once, and when it is evicted: its thread then jumps out of Lua, and the isolate is dead.
///
/// In nanoseconds from the beginning of a start or a call, and for a continuation from that of the batch; in a simulated
/// isolate in VM instructions from the beginning of the turn, where `evict` is an interrupt too, of a run that cannot be
/// preempted.
public struct TurnLimits: Sendable, Hashable {
  public var soft: Int64
  public var evict: Int64

  public init(soft: Int64 = .max, evict: Int64 = .max) {
    self.soft = soft
    self.evict = evict
  }
}

/// What the start of a job's run needs beside its dispatch.
public struct CallbackStart: Sendable {
  public var callback: CallbackID
  /// Called first, with the run; the callback is called only if it returns true. ``CallbackID/none`` is none.
  public var when: CallbackID
  public var limits: TurnLimits

  public init(
    callback: CallbackID, when: CallbackID = .none, limits: TurnLimits = TurnLimits()
  ) {
    self.callback = callback
    self.when = when
    self.limits = limits
  }
}

/// How a turn went. The layout is that of `mw_turn_end`.
public struct TurnResult: Sendable {
  /// Nanoseconds; in a simulated isolate VM instructions.
  public var used: Int64
  /// The most bytes of the isolate's heap in use.
  public var peak: Int
  /// The coroutine of a run that waits for a duration; 0 if the run has ended.
  public var coroutine: UInt32
  /// The length of that wait in nanoseconds, from the end of the turn.
  public var length: Int64
}
