import Glibc

/// Signals to the process that one thread receives in a loop, so that it can do anything in response.
///
/// Swift's `async` and dispatch sources would do, but they start libdispatch, whose threads wake up every second for as
/// long as the process lives.
package struct SignalSet: Sendable {
  private let signals: [Int32]

  package init(_ signals: [Int32]) {
    self.signals = signals
  }

  /// Blocks these signals, so that ``next()`` can receive them, in the calling thread and those that it starts from now
  /// on. The main thread calls this before it starts others.
  package func block() {
    var set = mask
    let status = unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    precondition(status == 0, "pthread_sigmask: \(status)")
  }

  /// Waits for a signal of the set and takes it. A signal that came several times since is taken once.
  package func next() -> Int32 {
    var set = mask
    var signal: Int32 = 0
    let status = unsafe sigwait(&set, &signal)
    precondition(status == 0, "sigwait: \(status)")
    return signal
  }

  private var mask: sigset_t {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for signal in signals { unsafe sigaddset(&set, signal) }
    return set
  }

  /// Unblocks every signal in the calling thread and those that it starts from now on.
  ///
  /// A program inherits the mask of its parent; a parent that is a thread of libdispatch blocks nearly all.
  package static func unblockAll() {
    var none = sigset_t()
    unsafe sigemptyset(&none)
    let status = unsafe pthread_sigmask(SIG_SETMASK, &none, nil)
    precondition(status == 0, "pthread_sigmask: \(status)")
  }
}
