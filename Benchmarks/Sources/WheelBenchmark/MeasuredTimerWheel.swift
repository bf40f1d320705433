import TimerWheel

/// The wheel as a user drives it, with an id kept for each timer.
///
/// Safe for timers below the given number.
@safe
struct MeasuredTimerWheel: MeasuredWheel, ~Copyable {
  private var wheel: TimerWheel
  private let ids: UnsafeMutablePointer<TimerID>

  init(timers: Int) {
    wheel = TimerWheel(now: Tick(0), reservingCapacity: timers)
    unsafe ids = .allocate(capacity: timers)
    unsafe ids.initialize(repeating: .none, count: timers)
  }

  deinit {
    unsafe ids.deallocate()
  }

  mutating func insert(_ timer: Int, deadline: UInt64) {
    unsafe ids[timer] = wheel.insert(deadline: Tick(deadline), payload: UInt64(timer))
  }

  mutating func cancel(_ timer: Int) {
    let payload = wheel.cancel(unsafe ids[timer])
    precondition(payload == UInt64(timer))
  }

  mutating func reschedule(_ timer: Int, to deadline: UInt64) {
    let isPending = wheel.reschedule(unsafe ids[timer], to: Tick(deadline))
    precondition(isPending)
  }

  mutating func expire(at now: UInt64, again: () -> UInt64?) -> Int {
    var count = 0
    while let expired = wheel.popExpired(at: Tick(now)) {
      count += 1
      if let delay = again() { insert(Int(expired.payload), deadline: now + delay) }
    }
    return count
  }
}
