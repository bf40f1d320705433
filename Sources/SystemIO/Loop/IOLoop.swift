import Glibc
import SystemCalls

/// What the I/O thread waits for, seen from that thread: descriptors and timers, each with what to do then.
///
/// What is done must not block. It may watch, change and end anything, itself included: what was ended is not called any
/// more, even if it was ready.
package final class IOLoop {
  package typealias OnReady = (IOLoop, Readiness) -> Void

  /// A watch of one descriptor.
  package struct Watch: Hashable {
    fileprivate let id: UInt64
    fileprivate let descriptor: Int32
  }

  package struct Timer: Hashable {
    fileprivate let id: UInt64
  }

  /// Something that is to end before the thread does: see ``add(tenant:onAbandon:)``.
  package struct Tenant: Hashable {
    fileprivate let id: UInt64
  }

  /// A buffer for one read, so that each reader needs none of its own.
  package var buffer = [UInt8](repeating: 0, count: 64 << 10)
  /// The children that were started here and are not reaped, by their numbers, with their marks: nobody else reaps them.
  var leaders: [Int32: String?] = [:]
  /// Called when one of them was reaped.
  var onReaped: ((IOLoop) -> Void)?
  private var poll: PollSet
  private let alarm: Descriptor
  private var armed: Int64 = 0
  private var timers = LoopTimers()
  private var watches: [UInt64: OnReady] = [:]
  private var tenants: [UInt64: (onStop: (IOLoop) -> Void, onAbandon: (IOLoop) -> Void)] = [:]
  private var count: UInt64 = Token.first

  private enum Token {
    static let alarm: UInt64 = 1
    static let waker: UInt64 = 2
    static let first: UInt64 = 3
  }

  /// `waker` wakes the thread for its mailbox.
  init(waker: Int32) throws(SystemCallError) {
    poll = try PollSet()
    alarm = try .timer(CLOCK_BOOTTIME)
    try poll.add(alarm.number, as: Token.alarm, for: .readable)
    try poll.add(waker, as: Token.waker, for: .readable)
  }

  private func nextID() -> UInt64 {
    defer { count += 1 }
    return count
  }
}

/// Descriptors.
extension IOLoop {
  /// Calls the body as long as the descriptor is ready. The caller owns the descriptor, and ends the watch before it
  /// closes it.
  package func watch(
    _ descriptor: Int32, for interest: Readiness, _ body: @escaping OnReady
  ) throws(SystemCallError) -> Watch {
    let id = nextID()
    try poll.add(descriptor, as: id, for: interest)
    watches[id] = body
    return Watch(id: id, descriptor: descriptor)
  }

  package func change(_ watch: Watch, to interest: Readiness) {
    guard watches[watch.id] != nil else { return }
    poll.change(watch.descriptor, as: watch.id, for: interest)
  }

  /// No effect if it has ended.
  package func end(_ watch: Watch) {
    guard watches.removeValue(forKey: watch.id) != nil else { return }
    poll.remove(watch.descriptor)
  }
}

/// Timers.
extension IOLoop {
  /// Calls the body once, at the deadline of `Clocks.elapsed()`, never early.
  package func setTimer(at deadline: Int64, _ body: @escaping (IOLoop) -> Void) -> Timer {
    let id = nextID()
    timers.set(id, at: deadline, body)
    return Timer(id: id)
  }

  /// No effect if it has fired.
  package func cancel(_ timer: Timer) { timers.cancel(timer.id) }
}

/// The end of the thread.
extension IOLoop {
  /// Keeps the thread when the host stops: `onStop` is called then, and the thread waits for ``remove(_:)``, for a time.
  /// When that is over, `onAbandon` is the last call: whoever waits for the tenant is to hear of it.
  package func add(
    tenant onStop: @escaping (IOLoop) -> Void, onAbandon: @escaping (IOLoop) -> Void = { _ in }
  ) -> Tenant {
    let id = nextID()
    tenants[id] = (onStop, onAbandon)
    return Tenant(id: id)
  }

  package func remove(_ tenant: Tenant) { tenants[tenant.id] = nil }

  var isEmpty: Bool { tenants.isEmpty }

  func stopTenants() {
    for id in tenants.keys.sorted() { tenants[id]?.onStop(self) }
  }

  func abandonTenants() {
    for id in tenants.keys.sorted() { tenants[id]?.onAbandon(self) }
  }
}

/// The thread's own part.
extension IOLoop {
  /// Waits until something is ready or a timer is due, and does what follows. Returns whether somebody woke the thread.
  func turn() -> Bool {
    arm()
    var isWoken = false
    var ready: [(UInt64, Readiness)] = []
    poll.wait { token, readiness in
      switch token {
      case Token.alarm: break
      case Token.waker: isWoken = true
      default: ready.append((token, readiness))
      }
    }
    for (token, readiness) in ready { watches[token]?(self, readiness) }
    fireTimers()
    return isWoken
  }

  /// A timer that is set meanwhile comes with the next turn, so that timers alone cannot hold the thread.
  private func fireTimers() {
    let now = Clocks.elapsed()
    let end = count
    while let action = timers.takeDue(at: now, before: end) { action(self) }
  }

  /// Enters the kernel only if the earliest deadline has changed.
  private func arm() {
    let wanted = timers.earliest.map { max(1, $0) } ?? 0
    guard wanted != armed || wanted != 0 && wanted <= Clocks.elapsed() else { return }
    armed = wanted
    alarm.set(wanted)
  }
}
