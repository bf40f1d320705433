import Glibc
import SystemCalls
import Testing
import WorkerPool

/// Each test uses a thread of its own, because a signal mask belongs to a thread.
@Suite struct SignalSetTests {
  @Test func `blocked signals do not interrupt, and next() takes them one at a time`() throws {
    let handle = Condition<pthread_t?>(nil)
    let taken = Condition<[Int32]>([])
    let thread = try OSThread(name: "signals") {
      let signals = SignalSet([SIGUSR1, SIGUSR2])
      unblockUserSignals()
      signals.block()
      handle.withLock { $0 = pthread_self() }
      handle.signal()
      for _ in 0..<2 {
        let signal = signals.next()
        taken.withLock { $0.append(signal) }
        taken.signal()
      }
    }
    let target = handle.wait(for: { $0 })
    for (before, signal) in [SIGUSR2, SIGUSR1].enumerated() {
      #expect(pthread_kill(target, signal) == 0)
      taken.wait(while: { $0.count == before })
    }
    thread.join()
    #expect(taken.withLock { $0 } == [SIGUSR2, SIGUSR1])
  }

  @Test func `a signal that comes before next() is not lost`() throws {
    let taken = Condition<Int32>(0)
    try OSThread(name: "signals") {
      let signals = SignalSet([SIGUSR1])
      unblockUserSignals()
      signals.block()
      pthread_kill(pthread_self(), SIGUSR1)
      pthread_kill(pthread_self(), SIGUSR1)
      let signal = signals.next()
      taken.withLock { $0 = signal }
    }.join()
    #expect(taken.withLock { $0 } == SIGUSR1)
  }
}

/// An OSThread starts with these blocked.
private func unblockUserSignals() {
  var open = sigset_t()
  unsafe sigaddset(&open, SIGUSR1)
  unsafe sigaddset(&open, SIGUSR2)
  unsafe pthread_sigmask(SIG_UNBLOCK, &open, nil)
}
