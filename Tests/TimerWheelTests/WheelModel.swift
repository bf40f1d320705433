import TimerWheel

/// A model of a wheel: a sorted array.
struct WheelModel {
  struct Timer {
    var id: TimerID
    var deadline: UInt64
    var payload: UInt64
  }

  /// The timer that expires first is the last element.
  private(set) var timers: [Timer] = []
  private(set) var now: UInt64

  init(now: UInt64) {
    self.now = now
  }

  var first: Timer? { timers.last }

  mutating func insert(_ id: TimerID, deadline: UInt64, payload: UInt64) {
    let timer = Timer(id: id, deadline: max(deadline, now), payload: payload)
    timers.insert(timer, at: position(of: timer.deadline))
  }

  mutating func remove(at index: Int) -> Timer {
    timers.remove(at: index)
  }

  mutating func popExpired(at tick: UInt64) -> Timer? {
    now = max(now, tick)
    guard let first, first.deadline <= now else { return nil }
    return timers.removeLast()
  }

  /// The index before all timers with this deadline, since the newest expires last.
  private func position(of deadline: UInt64) -> Int {
    var low = 0
    var high = timers.count
    while low < high {
      let middle = (low + high) / 2
      if timers[middle].deadline > deadline { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
