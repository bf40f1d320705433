import Glibc

/// A wheel with timers that are numbered from 0.
protocol MeasuredWheel: ~Copyable {
  init(timers: Int)
  mutating func insert(_ timer: Int, deadline: UInt64)
  mutating func cancel(_ timer: Int)
  mutating func reschedule(_ timer: Int, to deadline: UInt64)
  /// Expires the timers that are due at `now`; inserts each again after the ticks that `again` returns, if any.
  mutating func expire(at now: UInt64, again: () -> UInt64?) -> Int
}

enum Operation: String, CaseIterable {
  case insert
  case cancel
  case insertAndCancel = "insert + cancel"
  case reschedule = "reschedule any"
  case expire = "expire, far"
  case insertAndExpire = "expire + insert"
}

typealias Sample = [Operation: Double]

/// A tick is a millisecond here; deadlines lie within an hour, or within 2 s for `insertAndExpire`.
func measure<Wheel: MeasuredWheel & ~Copyable>(
  _ type: Wheel.Type, timers: Int, isSmoke: Bool
) -> Sample {
  var random = Xorshift()
  var sample: Sample = [:]
  let operations = isSmoke ? 10_000 : 1_000_000
  let rounds = max(1, operations / 4 / timers)
  var filling = 0.0
  var emptying = 0.0
  for _ in 0..<rounds {
    let (filled, emptied) = measureFilling(Wheel.self, timers: timers, &random)
    filling += filled
    emptying += emptied
  }
  sample[.insert] = filling / Double(rounds * timers)
  sample[.cancel] = emptying / Double(rounds * timers)

  var wheel = Wheel(timers: timers + 1)
  for timer in 0..<timers { wheel.insert(timer, deadline: 1 + random.next(upTo: 3_600_000)) }
  sample[.insertAndCancel] =
    nanoseconds {
      for _ in 0..<operations {
        wheel.insert(timers, deadline: 1 + random.next(upTo: 3_600_000))
        wheel.cancel(timers)
      }
    } / Double(operations)
  // Chosen in advance: a division whose operand is on the stack would wait for the call before it.
  let chosen = (0..<operations).map { _ in Int(random.next(upTo: UInt64(timers))) }
  sample[.reschedule] =
    nanoseconds {
      for timer in chosen { wheel.reschedule(timer, to: 1 + random.next(upTo: 3_600_000)) }
    } / Double(operations)

  var now: UInt64 = 0
  var expired = 0
  let draining = nanoseconds {
    while now <= 3_600_000 {
      now += 1000
      expired += wheel.expire(at: now, again: { nil })
    }
  }
  precondition(expired == timers, "\(expired) of \(timers) timers expired")
  sample[.expire] = draining / Double(timers)

  for timer in 0..<timers { wheel.insert(timer, deadline: now + 1 + random.next(upTo: 2000)) }
  sample[.insertAndExpire] = measurePeriodic(&wheel, from: now, fires: operations, &random)
  return sample
}

/// Inserts into memory that has been touched, in order, and cancels out of order.
private func measureFilling<Wheel: MeasuredWheel & ~Copyable>(
  _ type: Wheel.Type, timers: Int, _ random: inout Xorshift
) -> (filled: Double, emptied: Double) {
  var wheel = Wheel(timers: timers)
  for timer in 0..<timers { wheel.insert(timer, deadline: 1) }
  for timer in (0..<timers).reversed() { wheel.cancel(timer) }
  let filled = nanoseconds {
    for timer in 0..<timers { wheel.insert(timer, deadline: 1 + random.next(upTo: 3_600_000)) }
  }
  let order = (0..<timers).shuffled(using: &random)
  let emptied = nanoseconds { for timer in order { wheel.cancel(timer) } }
  return (filled, emptied)
}

/// Inserts each expired timer again; the clock advances by one tick at a time.
private func measurePeriodic<Wheel: MeasuredWheel & ~Copyable>(
  _ wheel: inout Wheel, from start: UInt64, fires: Int, _ random: inout Xorshift
) -> Double {
  var now = start
  for _ in 0..<2000 {
    now += 1
    _ = wheel.expire(at: now) { 1 + random.next(upTo: 2000) }
  }
  var expired = 0
  let time = nanoseconds {
    while expired < fires {
      now += 1
      expired += wheel.expire(at: now) { 1 + random.next(upTo: 2000) }
    }
  }
  return time / Double(expired)
}

private func nanoseconds(_ body: () -> Void) -> Double {
  let start = processorTime()
  body()
  return Double(processorTime() - start)
}

private func processorTime() -> UInt64 {
  var time = timespec()
  let status = unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  precondition(status == 0, "no processor time: error \(errno)")
  return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

/// Marsaglia's xorshift: cheap compared with the measured operations.
struct Xorshift: RandomNumberGenerator {
  private var state: UInt64 = 88_172_645_463_325_252

  mutating func next() -> UInt64 {
    state ^= state &<< 13
    state ^= state &>> 7
    state ^= state &<< 17
    return state
  }

  mutating func next(upTo bound: UInt64) -> UInt64 {
    next() % bound
  }
}
