import Glibc

/// Signals to the process that a thread of its own takes one at a time, so that it may do anything
/// about them.
///
/// Neither Swift's `async` nor a dispatch source: both start libdispatch, whose threads wake up each
/// second for as long as the process lives.
public struct SignalSet: Sendable {
  private let signals: [Int32]

  public init(_ signals: [Int32]) {
    self.signals = signals
  }

  /// Keeps these signals for ``next()``: the calling thread, and those that it starts from now on,
  /// are not interrupted by them. For the main thread, before it starts others.
  public func hold() {
    var set = mask
    let status = unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    precondition(status == 0, "pthread_sigmask: \(status)")
  }

  /// Waits for a signal of the set and takes it. One that came several times meanwhile is taken once.
  public func next() -> Int32 {
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

  /// Lets every signal reach the calling thread, and those that it makes: a program inherits what its parent had blocked,
  /// which for a thread of libdispatch is nearly all.
  public static func unblockAll() {
    var none = sigset_t()
    unsafe sigemptyset(&none)
    let status = unsafe pthread_sigmask(SIG_SETMASK, &none, nil)
    precondition(status == 0, "pthread_sigmask: \(status)")
  }
}
