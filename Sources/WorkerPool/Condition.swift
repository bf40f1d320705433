import Glibc
import SystemCalls

// One `wait` takes a closure that returns a Bool, the other one that returns an optional, so calls are not ambiguous.
// swift-format-ignore: AmbiguousTrailingClosureOverload
/// State that threads share and wait for: a mutex with a condition variable.
///
/// A thread that changes the state so that a waiting thread may continue calls ``signal()`` or ``broadcast()``
/// afterwards, best outside ``withLock(_:)``, so that the woken thread does not wait for the lock. Bodies only compute:
/// they hold the lock, and must not use the condition again except to call those two.
///
/// `@unchecked Sendable`: `state` is read and written only while `mutex` is held. Safe because mutex and condition have
/// a fixed address of their own from `init` to `deinit`, and no thread can wait on an object without references.
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

  /// Wakes one waiting thread, if any.
  public func signal() { unsafe pthread_cond_signal(condition) }

  /// Wakes all waiting threads.
  public func broadcast() { unsafe pthread_cond_broadcast(condition) }

  /// Waits as long as `predicate` holds.
  ///
  /// Another thread may change the state right after the return. Use ``wait(for:)`` to take something out of it under
  /// the same lock.
  public func wait(while predicate: (inout State) -> Bool) {
    wait { predicate(&$0) ? nil : () }
  }

  /// Waits until `take` returns something, and returns that.
  ///
  /// Calls `take` at once, and again after each wake-up, with the lock held.
  public func wait<R>(for take: (inout State) -> R?) -> R {
    lock()
    defer { unlock() }
    while true {
      if let taken = take(&state) { return taken }
      let status = unsafe pthread_cond_wait(condition, mutex)
      precondition(status == 0, "pthread_cond_wait: \(status)")
    }
  }

  /// Waits until `take` returns something, and returns that; nil once the deadline has passed.
  ///
  /// Calls `take` once more after the deadline, so that nothing that came in time is lost.
  ///
  /// - Parameter deadline: in nanoseconds of `Clocks.monotonic()`.
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
