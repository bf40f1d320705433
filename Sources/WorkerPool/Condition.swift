import Glibc
import SystemCalls

// The two `wait` take a Bool and an optional, so what a trailing closure returns tells them apart.
// swift-format-ignore: AmbiguousTrailingClosureOverload
/// State that threads share, with waiting until it is as one of them needs it.
///
/// Whoever changes the state so that a waiting thread may go on calls ``signal()`` or
/// ``broadcast()`` afterwards, best outside ``withLock(_:)``, so that the thread woken does not
/// wait for the lock. Bodies only compute: they hold the lock, and must not use the condition again but for those two.
///
/// `@unchecked Sendable`: `state` is touched only with `mutex` held. Safe because mutex and
/// condition live at a fixed address of their own from `init` to `deinit`, and nobody can wait on
/// an object that has no reference left.
@safe public final class Condition<State: Sendable>: @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let condition: UnsafeMutablePointer<pthread_cond_t>
  private var state: State

  public init(_ state: State) {
    self.state = state
    unsafe mutex = .allocate(capacity: 1)
    unsafe condition = .allocate(capacity: 1)
    unsafe mutex.initialize(to: pthread_mutex_t())
    unsafe condition.initialize(to: pthread_cond_t())
    var attributes = pthread_condattr_t()
    unsafe pthread_condattr_init(&attributes)
    unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    let status = unsafe (
      pthread_mutex_init(mutex, nil), pthread_cond_init(condition, &attributes)
    )
    unsafe pthread_condattr_destroy(&attributes)
    precondition(status == (0, 0), "a condition cannot be made: \(status)")
  }

  deinit {
    unsafe pthread_cond_destroy(condition)
    unsafe pthread_mutex_destroy(mutex)
    unsafe condition.deallocate()
    unsafe mutex.deallocate()
  }

  public func withLock<R, E: Error>(_ body: (inout State) throws(E) -> R) throws(E) -> R {
    lock()
    defer { unlock() }
    return try body(&state)
  }

  /// Wakes one thread that waits, if any.
  public func signal() { unsafe pthread_cond_signal(condition) }

  /// Wakes all threads that wait.
  public func broadcast() { unsafe pthread_cond_broadcast(condition) }

  /// Waits as long as `predicate` holds.
  ///
  /// Another thread may change the state right after the return; use ``wait(for:)`` to take
  /// something out of it in the same step.
  public func wait(while predicate: (inout State) -> Bool) {
    wait { predicate(&$0) ? nil : () }
  }

  /// Waits until `take` returns something, and returns that.
  ///
  /// `take` is called at once, and again after each wake-up, with the lock held.
  public func wait<R>(for take: (inout State) -> R?) -> R {
    lock()
    defer { unlock() }
    while true {
      if let taken = take(&state) { return taken }
      let status = unsafe pthread_cond_wait(condition, mutex)
      precondition(status == 0, "pthread_cond_wait: \(status)")
    }
  }

  /// Waits until `take` returns something, or nil at the deadline, a time of
  /// ``Clocks/monotonic()`` in nanoseconds.
  ///
  /// `take` has a last call after the deadline, so that nothing that came in time is lost.
  public func wait<R>(until deadline: Int64, for take: (inout State) -> R?) -> R? {
    var limit = timespec(nanoseconds: deadline)
    lock()
    defer { unlock() }
    while true {
      if let taken = take(&state) { return taken }
      let status = unsafe pthread_cond_timedwait(condition, mutex, &limit)
      if status == ETIMEDOUT { return take(&state) }
      precondition(status == 0, "pthread_cond_timedwait: \(status)")
    }
  }

  private func lock() {
    let status = unsafe pthread_mutex_lock(mutex)
    precondition(status == 0, "pthread_mutex_lock: \(status)")
  }

  private func unlock() {
    let status = unsafe pthread_mutex_unlock(mutex)
    precondition(status == 0, "pthread_mutex_unlock: \(status)")
  }
}
