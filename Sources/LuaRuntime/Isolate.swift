import CLuaBridge
import Glibc
import MoonwheelModel
import SchedulerCore

/// One Lua state with its limits. Only one thread at a time may use it; its owner decides which one.
///
/// Safe although it holds a pointer: `init` makes the pointer, `deinit` frees it, nobody else gets it, and every
/// function of the bridge is total.
@safe
public final class Isolate {
  private let pointer: OpaquePointer
  private let context: Unmanaged<HostContext>

  /// Runs the preludes in order. Throws if the limits leave not enough memory for them. A simulated isolate counts work
  /// instead of time, and its scripts behave alike on every machine: `pairs` has a fixed order, and texts show numbers
  /// in place of addresses.
  public init(
    limits: IsolateLimits, functions: [HostFunctionSignature], preludes: [[UInt8]],
    host: (any IsolateHost)? = nil, isSimulated: Bool = false
  ) throws(IsolateError) {
    unsafe context = Unmanaged.passRetained(HostContext())
    unsafe context.takeUnretainedValue().host = host
    var configuration = unsafe mw_config(
      memory: limits.memory, message_bytes: limits.messageBytes,
      message_depth: UInt32(clamping: limits.messageDepth),
      coroutines: UInt32(clamping: limits.coroutines), simulated: isSimulated ? 1 : 0,
      stall_in_c: limits.stall.clampedNanoseconds,
      stall_in_lua: limits.stallInLua.clampedNanoseconds,
      call: callHost, is_cancelled: checkCancellation, register_bulk: registerBulk,
      host: context.toOpaque())
    guard let pointer = unsafe mw_isolate_create(&configuration) else {
      unsafe context.release()
      throw IsolateError(
        message: "not enough memory for a Lua state (\(limits.memory) bytes allowed)")
    }
    unsafe self.pointer = pointer
    unsafe context.takeUnretainedValue().isolate = pointer
    // An encoded table has the order of Lua's hash, which differs from process to process; a decoded one has none.
    let rawLast = isSimulated ? functions.map { _ in -1 } : functions.map(\.rawLast)
    unsafe context.takeUnretainedValue().rawLast = rawLast
    try register(functions)
    for prelude in preludes { try run(prelude: prelude) }
  }

  deinit {
    unsafe mw_isolate_destroy(pointer)
    unsafe context.release()
  }

  /// Implements the host functions. It must live as long as scripts run. The reference is unowned, as a weak one would
  /// make all other references to the host slower.
  public var host: (any IsolateHost)? {
    get { unsafe context.takeUnretainedValue().host }
    set { unsafe context.takeUnretainedValue().host = newValue }
  }

  /// Bytes of the Lua heap in use.
  public var memoryUsed: Int { unsafe mw_memory_used(pointer) }

  /// The maximum of ``memoryUsed`` during the last turn.
  public var memoryPeak: Int { unsafe mw_memory_peak(pointer) }

  /// Changes the hard cap of the Lua heap. Memory held beyond it stays; new memory is refused.
  public func setMemory(_ bytes: Int) { unsafe mw_set_memory(pointer, bytes) }

  /// `run.state` of the last run, if it ended without an error; nil if it had none.
  public private(set) var finalState: Value?

  private func register(_ functions: [HostFunctionSignature]) throws(IsolateError) {
    for (number, function) in functions.enumerated() {
      let flags =
        (function.acceptsCallbacks ? MW_ACCEPTS_CALLBACKS.rawValue : 0)
        | (function.mayPark ? MW_MAY_PARK.rawValue : 0)
        | (function.timedWaits ? MW_TIMED_WAIT.rawValue : 0)
        | (function.isUnobserved ? MW_UNOBSERVED.rawValue : 0)
      let names = function.arguments.joined(separator: ",")
      let status = unsafe mw_register(pointer, function.name, names, UInt32(number), flags)
      guard status == 0 else {
        throw IsolateError(message: "not enough memory for \(function.name)")
      }
    }
  }

  private func run(prelude: [UInt8]) throws(IsolateError) {
    var outcome = unsafe mw_outcome()
    let status = unsafe prelude.withUnsafeBufferPointer {
      unsafe mw_prelude(pointer, "=moonwheel", $0.baseAddress, $0.count, &outcome)
    }
    guard status == 0 else { throw IsolateError(message: unsafe text(outcome.payload)) }
  }

  /// Compiles a script's text; bytecode is refused. `cpu` limits the processor time, in nanoseconds. The error begins
  /// with Lua's `name:line:`. If it ``IsolateError/isTooSlow``, the isolate is dead.
  public func compile(
    _ text: [UInt8], name: String, within cpu: Int64 = 1_000_000_000
  ) throws(IsolateError) -> CallbackID {
    var outcome = unsafe mw_outcome()
    var callback: mw_callback = 0
    let status = unsafe text.withUnsafeBufferPointer {
      unsafe mw_compile(pointer, "@" + name, $0.baseAddress, $0.count, cpu, &callback, &outcome)
    }
    guard status == 0 else {
      throw IsolateError(
        message: unsafe self.text(outcome.payload), isTooSlow: unsafe outcome.kind == MW_EVICTED)
    }
    return CallbackID(rawValue: callback)
  }

  /// Starts a callback and runs it until it parks or ends.
  public func start(_ callback: CallbackID, _ start: RunStart) -> IsolateOutcome {
    let payloadFlags =
      start.payload.flag | (start.state == nil ? 0 : MW_PAYLOAD_STATE.rawValue)
      | (start.value == nil ? 0 : MW_PAYLOAD_VALUE.rawValue)
    var run = mw_run(
      id: start.run.rawValue, job: start.job.rawValue, number: start.number,
      attempt: Int64(start.attempt), scheduled_at: start.scheduledAt, fired_at: start.firedAt,
      payload_flags: payloadFlags, job_key: start.cancellationKey, when: start.when?.rawValue ?? 0)
    var message = MessageWriter()
    switch start.payload {
    case .none: break
    case .arguments(let value): message.append(value)
    case .event(let event): message.append(event)
    case .events(let events): message.append(events)
    }
    if let state = start.state { message.append(state) }
    if let value = start.value { message.append(value) }
    return unsafe withMessage(message) { message, outcome in
      unsafe mw_start(
        pointer, callback.rawValue, &run, message.baseAddress, message.count, &outcome)
    }
  }

  /// Starts the rest of a batch in order, each run with its own limits. Stops when a run does anything else than end
  /// silently or wait for a duration, or when the slice is over. Times are monotonic; plus `wallOffset` they are wall
  /// time.
  public func start(
    _ batch: inout RunBatch, at now: Int64, sliceEnd: Int64, wallOffset: Int64
  ) -> BatchEnd {
    var outcome = unsafe mw_outcome()
    let left = batch.left
    let (next, timedWaits, peaks) = unsafe (batch.next, batch.timedWaits, batch.peaks)
    let ends = unsafe [Int64](unsafeUninitializedCapacity: left) { ends, count in
      unsafe count = mw_start_batch(
        pointer, next, left, now, sliceEnd, wallOffset, ends.baseAddress, timedWaits, peaks,
        &outcome)
    }
    let end = unsafe end(ends, timedWaits, batch.wantsPeaks ? peaks : nil, outcome)
    batch.begin(ends.count + (end.next == nil ? 0 : 1))
    return end
  }

  /// Starts a handler of an event that a script emitted. Returns when it left Lua, and its outcome, which is nil if it
  /// ended silently.
  public func start(
    _ dispatch: borrowing Dispatch, _ event: Event, _ payload: EncodedValue, _ plan: CallbackStart,
    at now: Int64, sliceEnd: Int64, wallOffset: Int64
  ) -> (end: Int64, outcome: IsolateOutcome?) {
    var outcome = unsafe mw_outcome()
    var end: Int64 = 0
    var peak = 0
    var run = unsafe mw_batch_run(
      id: dispatch.run.rawValue, job: dispatch.handle.rawValue, number: dispatch.number,
      scheduled_at: dispatch.scheduledAt.nanoseconds, soft: plan.soft, evict: plan.evict,
      event: nil, callback: plan.callback.rawValue, job_key: dispatch.job.cancellationKey)
    var (name, source) = (event.name, event.source)
    let count = name.withUTF8 { name in
      source.withUTF8 { source in
        unsafe payload.bytes.withUnsafeBufferPointer { payload in
          var event = unsafe mw_event(
            name: mw_bytes(name), source: mw_bytes(source), payload: mw_bytes(payload))
          return unsafe withUnsafePointer(to: &event) { event in
            unsafe run.event = event
            return unsafe mw_start_batch(
              pointer, &run, 1, now, sliceEnd, wallOffset, &end, nil, &peak, &outcome)
          }
        }
      }
    }
    return unsafe (end, count == 1 ? nil : self.outcome(outcome))
  }

  /// Makes the current call of an ``HostFunctionSignature/isUnobserved`` function one that stops a batch.
  public func observeCall() { unsafe mw_mark_observed(pointer) }

  /// Resumes runs whose waits are over, as ``start(_:at:sliceEnd:wallOffset:)`` starts runs.
  public func wake(_ batch: borrowing WakeBatch, at now: Int64, sliceEnd: Int64) -> BatchEnd {
    var outcome = unsafe mw_outcome()
    let (count, wakes, timedWaits, peaks) = unsafe (
      batch.count, batch.wakes, batch.timedWaits, batch.peaks
    )
    let ends = unsafe [Int64](unsafeUninitializedCapacity: count) { ends, begun in
      unsafe begun = mw_wake_batch(
        pointer, wakes, count, now, sliceEnd, ends.baseAddress, timedWaits, peaks, &outcome)
    }
    return unsafe end(ends, timedWaits, batch.wantsPeaks ? peaks : nil, outcome)
  }

  @unsafe
  private func end(
    _ ends: [Int64], _ timedWaits: UnsafeMutablePointer<mw_timed_wait>,
    _ peaks: UnsafeMutablePointer<Int>?, _ outcome: mw_outcome
  ) -> BatchEnd {
    let timedWaited = unsafe mw_batch_timed_waits(pointer)
    return BatchEnd(
      ends: ends,
      timedWaits: timedWaited == 0
        ? [] : (0..<timedWaited).map { unsafe TimedWaitStart(timedWaits[$0]) },
      peaks: unsafe peaks.map { unsafe Array(UnsafeBufferPointer(start: $0, count: ends.count)) }
        ?? [],
      next: unsafe outcome.kind == MW_NONE ? nil : self.outcome(outcome))
  }

  /// Position and monotonic start time of the batch's current run, or of the run that stopped the batch.
  public var positionInBatch: (position: Int, began: Int64) {
    unsafe (mw_batch_position(pointer), mw_batch_began(pointer))
  }

  /// Runs a chunk that ``compile(_:name:within:)`` returned. It gets these arguments and no run object.
  public func run(_ chunk: CallbackID, _ arguments: [Value] = []) -> IsolateOutcome {
    unsafe withMessage(MessageWriter(arguments)) { message, outcome in
      unsafe mw_start(pointer, chunk.rawValue, nil, message.baseAddress, message.count, &outcome)
    }
  }

  /// Resumes a parked coroutine: the host function that parked it returns these values.
  public func resume(_ coroutine: UInt32, with values: [Value]) -> IsolateOutcome {
    unsafe withMessage(MessageWriter(values)) { message, outcome in
      unsafe mw_resume(pointer, coroutine, 0, message.baseAddress, message.count, &outcome)
    }
  }

  /// Resumes a parked coroutine: the host function that parked it raises this error.
  public func resume(_ coroutine: UInt32, raising error: String) -> IsolateOutcome {
    var outcome = unsafe mw_outcome()
    let bytes = Array(error.utf8)
    unsafe bytes.withUnsafeBufferPointer {
      unsafe mw_resume(pointer, coroutine, 1, $0.baseAddress, $0.count, &outcome)
    }
    return unsafe self.outcome(outcome)
  }

  /// Sets the limits of the next turns. Only attached threads (``LuaWorker``) obey them.
  public func setLimits(_ limits: TurnLimits) {
    var limits = mw_limits(
      slice_end: limits.sliceEnd, soft_at: limits.softAt, evict_at: limits.evictAt)
    unsafe mw_set_limits(pointer, &limits)
  }

  /// Sets the limits of the next turn of a simulated isolate.
  public func setLimits(_ limits: WorkLimits) {
    unsafe mw_set_work(pointer, limits.slice, limits.soft, limits.most)
  }

  /// VM instructions that a simulated isolate has executed so far.
  public var workDone: Int64 { unsafe mw_work_done(pointer) }

  /// Resumes a preempted coroutine at its next instruction.
  public func `continue`(_ coroutine: UInt32) -> IsolateOutcome {
    var outcome = unsafe mw_outcome()
    unsafe mw_continue(pointer, coroutine, &outcome)
    return unsafe self.outcome(outcome)
  }

  /// Resumes a parked or preempted coroutine with the interrupt: an error that it cannot catch.
  public func interrupt(_ coroutine: UInt32) -> IsolateOutcome {
    var outcome = unsafe mw_outcome()
    unsafe mw_interrupt(pointer, coroutine, &outcome)
    return unsafe self.outcome(outcome)
  }

  /// Whether the interrupt was raised in a coroutine that has not ended.
  public func wasInterrupted(_ coroutine: UInt32) -> Bool {
    unsafe mw_was_interrupted(pointer, coroutine) != 0
  }

  /// The traceback of a parked or preempted coroutine: where it is, or where the interrupt was raised. Describing a
  /// script's values can take too long or overflow the C stack; the isolate is then dead.
  public func traceback(of coroutine: UInt32) -> String {
    unsafe text(mw_traceback_of(pointer, coroutine))
  }

  /// Whether a thread jumped out of the isolate: the owner can only release the isolate.
  public var isDead: Bool { unsafe mw_is_dead(pointer) != 0 }

  /// Why the run that has just left Lua was interrupted or evicted.
  public private(set) var endCause = EndCause.limits

  /// Forgets a parked or preempted coroutine; none of its code runs again.
  public func drop(_ coroutine: UInt32) { unsafe mw_drop(pointer, coroutine) }

  /// Releases a callback, which must not be started again.
  public func release(_ callback: CallbackID) { unsafe mw_release(pointer, callback.rawValue) }

  /// Where the script made the current call of a host function: "script:line" and the line; nil outside of a call.
  public func caller() -> (position: String, line: Int32)? {
    var line: Int32 = 0
    let position = unsafe String(unsafeUninitializedCapacity: 128) { text in
      unsafe text.withMemoryRebound(to: CChar.self) { text in
        guard let start = text.baseAddress else { return 0 }
        unsafe line = mw_caller(pointer, start, text.count)
        return Int(unsafe strlen(start))
      }
    }
    return line > 0 ? (position, line) : nil
  }

  /// Lets the bridge answer up to `most` calls itself that repeat the current one: from the same line, with another
  /// function as the third argument. Each returns the next handle, from `first` on. The host gets the callbacks before
  /// its next function is called, or by ``flushBulkRegistrations()``.
  public func expectBulkRegistrations(from first: JobHandle, atMost most: Int) {
    unsafe mw_expect_bulk_registration(pointer, first.rawValue, UInt32(clamping: most))
  }

  /// Hands the callbacks of answered calls to the host now, and expects no more. Must not be called while Lua runs.
  public func flushBulkRegistrations() { unsafe mw_flush_bulk_registration(pointer) }

  private func withMessage(
    _ message: MessageWriter, _ body: (UnsafeBufferPointer<UInt8>, inout mw_outcome) -> Void
  ) -> IsolateOutcome {
    var outcome = unsafe mw_outcome()
    unsafe message.bytes.withUnsafeBufferPointer { unsafe body($0, &outcome) }
    return unsafe self.outcome(outcome)
  }

  private func outcome(_ outcome: mw_outcome) -> IsolateOutcome {
    finalState = unsafe value(outcome.state)
    endCause = unsafe EndCause(outcome.cause)
    switch unsafe outcome.kind {
    case MW_FINISHED: return .finished(unsafe value(outcome.payload) ?? .nil)
    case MW_CANCELLED: return .cancelled
    case MW_DECLINED: return .declined
    case MW_PARKED: return .parked(unsafe outcome.coroutine)
    case MW_FAILED:
      var failure = RunFailure(
        message: unsafe text(outcome.payload), traceback: unsafe text(outcome.traceback))
      if let data = unsafe value(outcome.data), !data.hasHandle {
        failure.data = data
        if unsafe outcome.lacks_message != 0, data != [:] { failure.message = data.debugSummary }
      }
      return .failed(failure)
    case MW_REFUSED: return .refused(unsafe text(outcome.payload))
    case MW_PREEMPTED:
      return .preempted(unsafe outcome.coroutine, traceback: unsafe text(outcome.traceback))
    case MW_INTERRUPTED: return .interrupted(traceback: unsafe text(outcome.traceback))
    case MW_EVICTED:
      return .evicted(
        reason: unsafe text(outcome.payload), traceback: unsafe text(outcome.traceback))
    default: preconditionFailure("the bridge answered the unknown outcome \(unsafe outcome.kind)")
    }
  }

  /// The first value of a message; nil for an empty one.
  private func value(_ bytes: mw_bytes) -> Value? {
    unsafe bytes.count == 0 ? nil : MessageReader.values(buffer(bytes)).first
  }

  private func buffer(_ bytes: mw_bytes) -> UnsafeRawBufferPointer {
    unsafe UnsafeRawBufferPointer(start: bytes.start, count: bytes.count)
  }

  private func text(_ bytes: mw_bytes) -> String {
    unsafe String(decoding: buffer(bytes), as: UTF8.self)
  }
}

/// Why an isolate could not be made, a script not be compiled, or a thread not be attached.
public struct IsolateError: Error, Sendable, Hashable, CustomStringConvertible {
  public let message: String
  /// Compiling took longer than it may.
  public var isTooSlow = false
  public var description: String { message }
}

extension EndCause {
  fileprivate init(_ cause: mw_end_cause) {
    switch cause {
    case MW_ENDED_BY_CANCELLATION: self = .cancellation
    case MW_STUCK_IN_C: self = .stuckInC
    case MW_STUCK_IN_LUA: self = .stuckInLua
    default: self = .limits
    }
  }
}

extension mw_bytes {
  @unsafe
  fileprivate init(_ bytes: UnsafeBufferPointer<UInt8>) {
    unsafe self.init(start: bytes.baseAddress, count: bytes.count)
  }
}
