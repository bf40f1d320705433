import TestSupport

@testable import TimerWheel

/// Performs random operations on a wheel and on its model, and compares the results.
struct RandomDriver: ~Copyable {
  var wheel: TimerWheel
  private(set) var failure = ""
  private var model: WheelModel
  private var random: SplitMix64
  private var stale: [TimerID] = [.none]
  private var payload: UInt64 = 0
  private var popTime: UInt64

  init(start: UInt64, random: SplitMix64) {
    wheel = TimerWheel(now: Tick(start))
    model = WheelModel(now: start)
    self.random = random
    popTime = start
  }

  /// Performs one operation. False if wheel and model then differ; `failure` has the difference.
  mutating func step() -> Bool {
    // Insertions and removals prevail in turn, so that the wheel is sometimes full and sometimes empty.
    let moreInserts = payload / 500 % 3 == 0 ? UInt64(2) : 0
    switch random.next(upTo: 16) {
    case 0..<(4 + moreInserts): insert()
    case 0..<8: cancel()
    case 8..<11: reschedule()
    case 11: setTime()
    default: pop()
    }
    if wheel.count != model.timers.count {
      failure += "count \(wheel.count), not \(model.timers.count); "
    }
    switch (wheel.nextDeadline(), model.first) {
    case (nil, nil): break
    case (let next?, let first?) where next.rawValue <= first.deadline: break
    case (let next, let first):
      failure += "next deadline \(String(describing: next)), not \(String(describing: first)); "
    }
    return failure.isEmpty
  }

  private mutating func insert() {
    payload += 1
    let deadline = deadline()
    let id = wheel.insert(deadline: Tick(deadline), payload: payload)
    model.insert(id, deadline: deadline, payload: payload)
  }

  private mutating func cancel() {
    guard let index = anyTimer() else { return tryStale() }
    let timer = model.remove(at: index)
    if wheel.cancel(timer.id) != timer.payload { failure += "cancel of \(timer); " }
    retire(timer.id)
  }

  private mutating func reschedule() {
    guard let index = anyTimer() else { return tryStale() }
    let timer = model.remove(at: index)
    if wheel.deadline(of: timer.id) != Tick(timer.deadline) { failure += "deadline of \(timer); " }
    let deadline = deadline()
    if !wheel.reschedule(timer.id, to: Tick(deadline)) { failure += "reschedule of \(timer); " }
    model.insert(timer.id, deadline: deadline, payload: timer.payload)
  }

  private mutating func tryStale() {
    let id = stale[Int(random.next(upTo: UInt64(stale.count)))]
    if wheel.cancel(id) != nil || wheel.reschedule(id, to: Tick(0)) || wheel.deadline(of: id) != nil
    {
      failure += "the stale \(id) is pending; "
    }
  }

  private mutating func pop() {
    let expected = model.popExpired(at: popTime)
    let popped = wheel.popExpired(at: Tick(popTime))
    let isRight =
      popped?.id == expected?.id && popped?.deadline.rawValue == expected?.deadline
      && popped?.payload == expected?.payload && wheel.now.rawValue == model.now
    if !isRight {
      failure += "popped \(String(describing: popped)), not \(String(describing: expected)); "
    }
    if let popped { retire(popped.id) }
  }

  /// The time that the following pops pass: a little later, far later, around the next deadline, or earlier, which must
  /// change nothing.
  private mutating func setTime() {
    let now = Tick(model.now)
    let next = wheel.nextDeadline()?.rawValue ?? model.now
    popTime =
      switch random.next(upTo: 8) {
      case 0...2: now.advanced(by: random.next(upTo: 100)).rawValue
      case 3: now.advanced(by: random.next() >> (20 + random.next(upTo: 44))).rawValue
      case 4: max(next, 1) - 1
      case 5: Tick(next).advanced(by: random.next(upTo: 3)).rawValue
      case 6: next
      default: model.now - min(model.now, random.next(upTo: 1000))
      }
  }

  private mutating func deadline() -> UInt64 {
    let now = Tick(model.now)
    switch random.next(upTo: 8) {
    case 0: return now.rawValue - min(now.rawValue, random.next(upTo: 100))
    case 1, 2: return now.advanced(by: random.next(upTo: 130)).rawValue
    case 3: return now.advanced(by: random.next() >> random.next(upTo: 64)).rawValue
    case 4: return now.rawValue | (random.next() >> random.next(upTo: 64))
    case 5:
      let boundary = UInt64(1) << (6 * random.next(upTo: 11))
      return Tick(now.rawValue & ~(boundary - 1)).advanced(by: boundary + random.next(upTo: 3))
        .rawValue
    default:
      guard let index = anyTimer() else { return now.rawValue }
      return model.timers[index].deadline
    }
  }

  /// A random pending timer, half the time the one that is due next; sometimes none.
  private mutating func anyTimer() -> Int? {
    guard !model.timers.isEmpty, random.next(upTo: 8) != 0 else { return nil }
    if random.next(upTo: 4) == 0 { return model.timers.count - 1 }
    return Int(random.next(upTo: UInt64(model.timers.count)))
  }

  private mutating func retire(_ id: TimerID) {
    if stale.count < 64 {
      stale.append(id)
    } else {
      stale[Int(random.next(upTo: 64))] = id
    }
  }
}
