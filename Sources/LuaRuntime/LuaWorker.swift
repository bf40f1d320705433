import CLuaBridge
import Synchronization

/// A thread whose turns in Lua another thread can end: by preemption, the interrupt, or eviction.
///
/// Safe although it holds a pointer: the worker's own thread makes and detaches it, the last reference frees it, and
/// other threads access it by atomics, in the bridge.
@safe
public final class LuaWorker: Sendable {
  /// Never changed and never handed out. Threads share its target by atomics alone.
  private nonisolated(unsafe) let pointer: OpaquePointer

  /// Attaches the calling thread. Throws if the process already uses another signal for this, if libc is linked into
  /// the executable, or without memory.
  public init(signal: Int32) throws(IsolateError) {
    try Self.prepare(signal: signal)
    guard let pointer = unsafe mw_worker_attach() else {
      throw IsolateError(message: "not enough memory for a worker")
    }
    unsafe self.pointer = pointer
  }

  /// Installs the signal's handler for the process. Throws as `init` does.
  public static func prepare(signal: Int32) throws(IsolateError) {
    let status = mw_runtime_start(signal)
    guard status == 0 else {
      throw IsolateError(
        message: "scripts cannot be preempted with the signal \(signal): errno \(status)")
    }
  }

  deinit { unsafe mw_worker_free(pointer) }

  /// Must be called by the thread that attached, at its end.
  public func detach() { unsafe mw_worker_detach(pointer) }

  /// Asks for the end of the current turn if it is past one of its limits. Any thread may call it, one at a time, and
  /// must repeat it until the turn has ended.
  public func requestPreemption(at now: Int64) { _ = unsafe mw_request_preemption(pointer, now) }
}

/// The memory of all scripts of the process.
public enum LuaMemory {
  /// Bytes that their isolates hold.
  public static var reserved: Int { mw_memory_reserved() }
  /// Bytes that the host keeps for them; counted only with a cap.
  public static var kept: Int { mw_memory_kept() }

  /// Sets the cap on ``reserved`` and ``kept`` together; 0 is no cap. At the cap scripts get "not enough memory".
  public static func setCap(_ bytes: Int) { mw_set_memory_cap(bytes) }
}
