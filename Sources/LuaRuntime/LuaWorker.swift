import CLuaBridge
import Synchronization

/// A thread whose turns in Lua can be ended from outside: preempted, interrupted, or torn out.
///
/// Safe although it holds a pointer: made and detached on its own thread, freed with the last reference, and what other
/// threads do with it is atomic in the bridge.
@safe
public final class LuaWorker: Sendable {
  /// Never changed and never handed out; what it points to is shared by atomics alone.
  private nonisolated(unsafe) let pointer: OpaquePointer

  /// Attaches the calling thread. Throws when the process takes another signal for this already, when libc is linked into
  /// the executable, or without memory.
  public init(signal: Int32) throws(IsolateError) {
    try Self.prepare(signal: signal)
    guard let pointer = unsafe mw_worker_attach() else {
      throw IsolateError(message: "not enough memory for a worker")
    }
    unsafe self.pointer = pointer
  }

  /// Takes the signal for the process. Throws as `init` does.
  public static func prepare(signal: Int32) throws(IsolateError) {
    let status = mw_runtime_start(signal)
    guard status == 0 else {
      throw IsolateError(
        message: "scripts cannot be kept in their bounds with the signal \(signal): errno \(status)"
      )
    }
  }

  deinit { unsafe mw_worker_free(pointer) }

  /// On the thread that attached, at its end.
  public func detach() { unsafe mw_worker_detach(pointer) }

  /// Ends the turn that is under way if it is past one of its limits; to be repeated until it has ended. From any thread.
  public func press(at now: Int64) { _ = unsafe mw_request_preemption(pointer, now) }
}

/// When a turn is to end, in nanoseconds of monotonic time; the maximum is never.
public struct TurnLimits: Sendable, Hashable {
  public var sliceEnd: Int64
  /// An error is raised, once.
  public var softAt: Int64
  /// The thread is torn out of Lua, and the isolate is dead.
  public var evictAt: Int64

  public init(sliceEnd: Int64 = .max, softAt: Int64 = .max, evictAt: Int64 = .max) {
    self.sliceEnd = sliceEnd
    self.softAt = softAt
    self.evictAt = evictAt
  }
}

/// When a turn of a simulated isolate is to end, in VM instructions from its start; the maximum is never.
public struct WorkLimits: Sendable, Hashable {
  /// It is preempted.
  public var slice: Int64
  /// An error is raised, once.
  public var soft: Int64
  /// The same, where it cannot be preempted: in a comparator, say.
  public var most: Int64

  public init(slice: Int64, soft: Int64 = .max, most: Int64 = .max) {
    self.slice = slice
    self.soft = soft
    self.most = most
  }
}

/// The memory of all isolates of the process.
public enum LuaMemory {
  /// Bytes in use.
  public static var reserved: Int { mw_memory_reserved() }

  /// The most that all may hold together; 0 is no cap. At the cap scripts get "not enough memory".
  public static func setCap(_ bytes: Int) { mw_set_memory_cap(bytes) }
}
