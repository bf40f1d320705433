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
  let pointer: OpaquePointer
  private let context: Unmanaged<HostContext>
  /// What its memory counts for; the bridge has the pointer.
  private let account: MemoryAccount?

  /// Runs the preludes in order. Throws if the limits leave not enough memory for them. A simulated isolate counts work
  /// instead of time, and its scripts behave alike on every machine: `pairs` has a fixed order, and texts show numbers
  /// in place of addresses.
  public init(
    limits: IsolateLimits, functions: [HostFunctionSignature], preludes: [[UInt8]],
    host: (any IsolateHost)? = nil, account: MemoryAccount? = nil, isSimulated: Bool = false
  ) throws(IsolateError) {
    self.account = account
    unsafe context = Unmanaged.passRetained(HostContext())
    unsafe context.takeUnretainedValue().host = host
    var configuration = unsafe mw_config(
      memory: limits.memory, message_bytes: limits.messageBytes,
      message_depth: UInt32(clamping: limits.messageDepth),
      coroutines: UInt32(clamping: limits.coroutines), simulated: isSimulated ? 1 : 0,
      stall_in_c: limits.stall.clampedNanoseconds,
      stall_in_lua: limits.stallInLua.clampedNanoseconds,
      call: callHost, is_cancelled: checkCancellation, register_bulk: registerBulk,
      host: context.toOpaque(), account: account?.pointer)
    guard let pointer = unsafe mw_isolate_create(&configuration) else {
      unsafe context.release()
      throw IsolateError(
        message:
          "not enough memory for a Lua state (\(limits.memory) bytes allowed\(account?.summary ?? ""))"
      )
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

  /// Frees what the script cannot reach any more, unless the last call was a short while ago. Only host functions may
  /// call it, or the owner between two turns.
  public func collectGarbage() { unsafe mw_collect(pointer) }

  /// Changes the hard cap of the Lua heap. Memory held beyond it stays; new memory is refused.
  public func setMemory(_ bytes: Int) { unsafe mw_set_memory(pointer, bytes) }

  /// `run.state` of the last run, if it ended without an error; nil if it had none.
  public private(set) var finalState: Value?

  private func register(_ functions: [HostFunctionSignature]) throws(IsolateError) {
    for (number, function) in functions.enumerated() where !function.isLazy {
      let status = unsafe mw_register(
        pointer, function.name, function.argumentNames, UInt32(number), function.flags)
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

  /// Takes the turns of a batch that are left, in order. Stops when a run does anything else than end silently or wait for
  /// a duration, or when the slice is over. Returns how many turns were taken, and the outcome of the last one; it is nil
  /// if that one, too, ended silently or waits.
  public func run(
    _ batch: inout RunBatch, at time: BatchTime
  ) -> (taken: Int, outcome: IsolateOutcome?) {
    var outcome = unsafe mw_outcome()
    let taken = unsafe batch.run(in: pointer, at: time, &outcome)
    guard unsafe outcome.kind != MW_NONE else {
      finalState = nil
      endCause = .limits
      return (taken, nil)
    }
    return (taken, unsafe self.outcome(outcome))
  }

  /// Which turn of the batch is under way, and the nanoseconds that those before it took. Only for host functions.
  public var positionInBatch: (position: Int, passed: Int64) {
    unsafe (mw_batch_position(pointer), mw_batch_passed(pointer))
  }

  /// Makes the current call of an ``HostFunctionSignature/isUnobserved`` function one that stops the batch.
  public func observeCall() { unsafe mw_mark_observed(pointer) }

  /// VM instructions that a simulated isolate has executed so far.
  public var workDone: Int64 { unsafe mw_work_done(pointer) }

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

  private func outcome(_ outcome: mw_outcome) -> IsolateOutcome {
    finalState = unsafe value(outcome.state)
    endCause = unsafe EndCause(outcome.cause)
    switch unsafe outcome.kind {
    case MW_FINISHED: return .finished(unsafe value(outcome.payload) ?? .nil)
    case MW_CANCELLED: return .cancelled
    case MW_DECLINED: return .declined
    case MW_PARKED:
      let length = unsafe outcome.length
      return .parked(unsafe outcome.coroutine, length: length > 0 ? length : nil)
    case MW_FAILED:
      var failure = RunFailure(
        message: unsafe text(outcome.payload), traceback: unsafe text(outcome.traceback))
      if let data = unsafe value(outcome.data), !data.hasHandle {
        failure.data = data
        if unsafe outcome.lacks_message != 0, data.pairs?.isEmpty != true {
          failure.message = data.debugSummary
        }
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

  func text(_ bytes: mw_bytes) -> String {
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
    case MW_OUT_OF_REAL_TIME: self = .realTime
    default: self = .limits
    }
  }
}
