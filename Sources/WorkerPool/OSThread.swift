import Glibc
import Synchronization
import SystemCalls

/// A thread of the operating system. It starts in `init`.
///
/// Only the main thread receives the process's signals: a new thread blocks all but those that a fault raises, and
/// `SIGURG`, which ends a slice. Releasing the last reference neither ends the thread nor waits for it; the system then
/// frees its stack when it ends.
///
/// Safe because the one pointer that crosses to the new thread is an owned reference, which the new thread takes
/// exactly once, and the handle is joined or detached exactly once, under `joined`.
public final class OSThread: Sendable {
  private let handle: pthread_t
  private let identity: Identity
  private let joined = Condition(false)

  /// - Parameters:
  ///   - name: the name that `top -H` and debuggers show; at most 15 bytes.
  ///   - stackSize: in bytes, at least 16 KiB; the system rounds it up to whole pages.
  /// - Throws: `SystemCallError` when the process or the machine has no room for another thread.
  public init(
    name: String, stackSize: Int = 512 << 10, body: @escaping @Sendable () -> Void
  ) throws(SystemCallError) {
    precondition(name.utf8.count <= 15, "a thread name has at most 15 bytes: \(name)")
    precondition(stackSize >= 16 << 10, "a thread needs 16 KiB of stack, not \(stackSize) bytes")
    let identity = Identity()
    let start = Start {
      identity.threadID.store(CurrentThread.id, ordering: .releasing)
      CurrentThread.setName(name)
      body()
    }
    handle = try OSThread.create(start, stackSize: stackSize)
    self.identity = identity
  }

  deinit {
    if !joined.withLock({ $0 }) { pthread_detach(handle) }
  }

  /// The kernel's number of the thread (`gettid`), or nil until it runs.
  public var threadID: Int32? {
    let id = identity.threadID.load(ordering: .acquiring)
    return id == 0 ? nil : id
  }

  /// Whether the caller runs on this thread.
  public var isCurrent: Bool { pthread_equal(pthread_self(), handle) != 0 }

  /// Waits for the thread's end. Several threads may call it, at once or one after the other.
  ///
  /// Traps when a thread waits for itself.
  public func join() {
    precondition(!isCurrent, "a thread cannot join itself")
    // The lock is held during the wait on purpose: only join() takes it, and a second caller must wait as well.
    joined.withLock { joined in
      guard !joined else { return }
      let status = pthread_join(handle, nil)
      precondition(status == 0, "pthread_join: \(SystemCallError(call: "join", code: status))")
      joined = true
    }
  }
}

extension OSThread {
  fileprivate final class Identity: Sendable {
    let threadID = Atomic<Int32>(0)
  }

  /// The new thread's input. It does not hold the `OSThread`, which may be released first.
  private final class Start: Sendable {
    let run: @Sendable () -> Void

    init(run: @escaping @Sendable () -> Void) { self.run = run }
  }

  private static func create(
    _ start: Start, stackSize: Int
  ) throws(SystemCallError) -> pthread_t {
    var attributes = pthread_attr_t()
    unsafe pthread_attr_init(&attributes)
    defer { unsafe pthread_attr_destroy(&attributes) }
    let sized = unsafe pthread_attr_setstacksize(&attributes, stackSize)
    guard sized == 0 else { throw SystemCallError(call: "pthread_attr_setstacksize", code: sized) }
    let guarded = unsafe pthread_attr_setguardsize(&attributes, guardSize)
    guard guarded == 0 else {
      throw SystemCallError(call: "pthread_attr_setguardsize", code: guarded)
    }

    let argument = unsafe Unmanaged.passRetained(start)
    // A thread inherits its creator's mask. Blocking here leaves the new thread no moment in which it could receive a
    // signal of the process.
    let outerMask = blockAsynchronousSignals()
    defer { restoreSignals(outerMask) }
    var handle = pthread_t()
    let status = unsafe pthread_create(
      &handle, &attributes,
      { argument in
        if let argument = unsafe argument {
          unsafe Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().run()
        }
        return nil
      }, argument.toOpaque())
    guard status == 0 else {
      unsafe argument.release()
      throw SystemCallError(call: "pthread_create", code: status)
    }
    return handle
  }

  /// Larger than a page, because a frame with large variables could jump over a single page.
  private static let guardSize = 64 << 10

  private static func blockAsynchronousSignals() -> sigset_t {
    var blocked = sigset_t()
    unsafe sigfillset(&blocked)
    // The thread that causes a fault must handle it: a fault whose signal is blocked ends the process.
    for signal in [SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT, SIGURG] {
      unsafe sigdelset(&blocked, signal)
    }
    var outer = sigset_t()
    unsafe pthread_sigmask(SIG_SETMASK, &blocked, &outer)
    return outer
  }

  private static func restoreSignals(_ mask: sigset_t) {
    var mask = mask
    unsafe pthread_sigmask(SIG_SETMASK, &mask, nil)
  }
}
