import Synchronization
import SystemCalls
import WorkerPool

/// The one thread of a host that waits for child processes, pipes, sockets and timers. It starts with the first work.
///
/// It lives until ``stop(until:)``, or until the object is released: the children that it has started die with it.
package final class IOThread: Sendable {
  package typealias Work = @Sendable (IOLoop) -> Void

  private let mailbox: Mailbox
  private let thread = Mutex<OSThread?>(nil)

  package init() { mailbox = Mailbox() }

  deinit { stop(until: Clocks.elapsed() + Self.lastWait) }

  /// How long the release of the object waits for children that are killed, in nanoseconds.
  private static let lastWait: Int64 = 1_000_000_000

  /// Does the work on the thread, after all work that was given before. Does not block.
  ///
  /// Throws if the thread cannot be started, or has stopped: the work is forgotten then.
  package func submit(_ work: @escaping Work) throws(SystemCallError) {
    try startOnce()
    try mailbox.put(work)
  }

  /// Does the work on the thread, unless that was never started or has stopped: then there is nothing to do it to.
  package func tell(_ work: @escaping Work) { _ = mailbox.offer(work) }

  /// Does as ``IOThread/tell(_:)``, and does not keep the thread: for what lives on it.
  package struct Teller: Sendable {
    fileprivate let mailbox: Mailbox

    package func tell(_ work: @escaping Work) { _ = mailbox.offer(work) }
  }

  package var teller: Teller { Teller(mailbox: mailbox) }

  /// The lock is held while the thread is made, so that a second caller knows whether it was.
  private func startOnce() throws(SystemCallError) {
    try thread.withLock { (thread) throws(SystemCallError) in
      guard thread == nil else { return }
      let waker = try Waker()
      try mailbox.open(waker)
      thread = try Self.start(mailbox, waker)
    }
  }

  private static func start(
    _ mailbox: Mailbox, _ waker: Waker
  ) throws(SystemCallError) -> OSThread {
    // Made here, so that whoever comes first learns that there are no descriptors left.
    let loop = Handover(try IOLoop(waker: waker.number))
    return try OSThread(name: "moonwheel-io") {
      // The thread is the only one to have the loop from now on.
      guard let loop = loop.take() else { return }
      run(loop, mailbox, waker)
    }
  }

  private static func run(_ loop: IOLoop, _ mailbox: Mailbox, _ waker: Waker) {
    var deadline: IOLoop.Timer?
    var isOver = false
    while !isOver {
      if loop.turn() { waker.clear() }
      let mail = mailbox.take()
      for work in mail.work { work(loop) }
      guard let stopBy = mail.stopBy else { continue }
      if deadline == nil {
        deadline = loop.setTimer(at: stopBy) { _ in }
        loop.stopTenants()
      }
      isOver = loop.isEmpty || stopBy <= Clocks.elapsed()
    }
    loop.abandonTenants()
  }

  /// Takes no more work, ends what is under way, and waits until that is gone, or for this time of `Clocks.elapsed()`. Any
  /// thread but this one.
  package func stop(until deadline: Int64) {
    mailbox.close(until: deadline)
    guard let thread = thread.withLock({ $0 }) else { return }
    if !thread.isCurrent { thread.join() }
  }
}

/// The counter that wakes the thread.
final class Waker: Sendable {
  private let counter: Descriptor

  init() throws(SystemCallError) { counter = try .counter() }

  var number: Int32 { counter.number }
  func wake() { counter.increment() }
  func clear() { counter.clear() }
}

/// The work that waits for the thread. Its callers bound it: each has a bounded number of children or transfers, and a few
/// pieces of work for each.
private final class Mailbox: Sendable {
  struct Mail {
    var work: [IOThread.Work] = []
    /// When the thread is to be over, in nanoseconds of `Clocks.elapsed()`; nil while it goes on.
    var stopBy: Int64?
  }

  private struct State {
    var mail = Mail()
    var waker: Waker?
  }

  private let state = Mutex(State())

  func open(_ waker: Waker) throws(SystemCallError) {
    try state.withLock { (state) throws(SystemCallError) in
      guard state.mail.stopBy == nil else { throw Self.closed }
      state.waker = waker
    }
    // Others may have given work before there was a thread.
    waker.wake()
  }

  func put(_ work: @escaping IOThread.Work) throws(SystemCallError) {
    guard offer(work) else { throw Self.closed }
  }

  /// Returns whether the work will be done.
  func offer(_ work: @escaping IOThread.Work) -> Bool {
    let (isTaken, waker) = state.withLock { state in
      guard state.mail.stopBy == nil else { return (false, Waker?.none) }
      state.mail.work.append(work)
      return (true, state.mail.work.count == 1 ? state.waker : nil)
    }
    waker?.wake()
    return isTaken
  }

  func close(until deadline: Int64) {
    let waker = state.withLock { state in
      state.mail.stopBy = min(deadline, state.mail.stopBy ?? .max)
      return state.waker
    }
    waker?.wake()
  }

  func take() -> Mail {
    state.withLock { state in
      defer { state.mail.work = [] }
      return state.mail
    }
  }

  private static var closed: SystemCallError {
    SystemCallError(call: "the I/O thread has stopped", code: SystemCallError.cancelled)
  }
}

/// Hands a value that one thread alone may have to that thread.
///
/// `@unchecked Sendable`: whoever makes it keeps no reference to the value, and `take` gives it to one caller.
private final class Handover<Value>: @unchecked Sendable {
  private let isTaken = Atomic<Bool>(false)
  private var value: Value?

  init(_ value: Value) { self.value = value }

  func take() -> Value? {
    guard !isTaken.exchange(true, ordering: .acquiringAndReleasing) else { return nil }
    defer { value = nil }
    return value
  }
}
